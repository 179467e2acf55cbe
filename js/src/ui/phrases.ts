// Sentences made from several names or counts. Pure.

import type { Member, Notice } from "../store/conversation.ts";
import { joinNames, t } from "./text.ts";

const MAX_TYPISTS = 3;
const MAX_REACTORS = 10;
const ONE_EMOJI = "\\p{ExtPict}(?:\\p{EMod}|\\uFE0F)?";
const ONLY_EMOJI = new RegExp(
  `^(?:\\s*(?:\\p{RI}{2}|${ONE_EMOJI}(?:\\u200D${ONE_EMOJI})*)){1,3}\\s*$`,
  "u",
);

export type Members = ReadonlyMap<string, Member>;

export function nameOf(members: Members, id: string): string {
  return members.get(id)?.name ?? t("someone");
}

export function typingText(names: readonly string[]): string {
  if (names.length === 0) return "";
  if (names.length > MAX_TYPISTS) return t("typingSeveral");
  return t("typing", names.length, joinNames(names));
}

/** "You (click to remove), Bo and Cy reacted with :tada:", at most 10 by name. */
export function reactionText(names: readonly string[], emojiName: string): string {
  const named = names.slice(0, MAX_REACTORS);
  const rest = names.length - named.length;
  return t(
    "reactedWith",
    joinNames(rest > 0 ? [...named, t("andOthers", rest)] : named),
    `:${emojiName}:`,
  );
}

export function noticeText(notice: Notice, members: Members): string {
  switch (notice.kind) {
    case "restored":
      return t("restored");
    case "joined":
      return t("joined", nameOf(members, notice.member));
    case "renamed":
      return t("renamed", nameOf(members, notice.member), notice.title);
    case "profile":
      return t("nowCalled", notice.before, notice.after);
  }
}

export function foldedText(notices: readonly Notice[]): string {
  const all = notices.every((notice) => notice.kind === "joined");
  return t(all ? "peopleJoined" : "changes", notices.length);
}

/** The first line that says something, without Markdown's signs, for quotes and announcements. */
export function firstLine(text: string, maxChars = 160): string {
  const lines = text.split("\n").map((line) => line.trim());
  const line = lines.find((each) => /[^`\s>#*_~-]/.test(each) && !each.startsWith("```"));
  const plain = (line ?? lines[0] ?? "")
    .slice(0, 3 * maxChars)
    .replace(/^(?:[>#]+|[-*+]|\d+\.)\s+/, "")
    .replace(/\[([^\]]{1,200})\]\([^)]{1,2000}\)/g, "$1")
    .replace(/\*\*|__|~~|`/g, "");
  return plain.length > maxChars ? `${[...plain].slice(0, maxChars).join("")}…` : plain;
}

/** One to three emoji and nothing else: they are drawn larger. */
export function isOnlyEmoji(text: string): boolean {
  if (text.length > 40) return false;
  return ONLY_EMOJI.test(text);
}
