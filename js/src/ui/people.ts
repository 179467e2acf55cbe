// Who is here, in which order, and how a person is drawn without a picture. Pure.

import type { Member, PresentMember, ShownMessage } from "../store/conversation.ts";

/** "unknown": here when the connection was lost. */
export type State = PresentMember["state"] | "unknown";

export interface Person {
  readonly member: Member;
  readonly state: State;
  readonly lastSeen: number | null;
  /** When they last came, went or wrote, UTC epoch seconds. */
  readonly lastActive: number;
  readonly isMe: boolean;
}

export interface Known {
  readonly members: ReadonlyMap<string, Member>;
  readonly presence: ReadonlyMap<string, PresentMember>;
  readonly isPresenceKnown: boolean;
  readonly messages: readonly Pick<ShownMessage, "author" | "at">[];
  readonly me: string | null;
}

export interface People {
  /** Here now: active first, then idle, each by latest activity, me last. */
  readonly here: readonly Person[];
  /** Programs that take part, here or not. */
  readonly assistants: readonly Person[];
  /** Known but not here, latest first. */
  readonly away: readonly Person[];
}

/** Each with white text has a contrast of at least 4.5:1. */
const COLOURS = [
  "#c2255c",
  "#c9302c",
  "#b34a00",
  "#8f6200",
  "#2f7d32",
  "#087a58",
  "#0b7285",
  "#1769b5",
  "#3b5bdb",
  "#6741d9",
  "#9c36b5",
  "#5c636e",
] as const;

const RANK = { active: 0, idle: 1, unknown: 2, offline: 3 } as const;

export function sortPeople({ members, presence, isPresenceKnown, messages, me }: Known): People {
  const wrote = new Map(messages.map(({ author, at }) => [author, at]));
  const all = [...members.values()].map((member): Person => {
    const { id } = member;
    const present = presence.get(id);
    const told = present?.state ?? "offline";
    const state = told === "offline" || isPresenceKnown ? told : "unknown";
    const lastSeen = present?.last_seen ?? null;
    const lastActive = Math.max(lastSeen ?? 0, wrote.get(id) ?? 0);
    return { member, state, lastSeen, lastActive, isMe: id === me };
  });
  const people = all.filter((person) => person.member.kind === "person");
  return {
    here: people.filter(isHere).sort(byActivity),
    assistants: all.filter((person) => person.member.kind === "assistant").sort(byActivity),
    away: people.filter((person) => !isHere(person)).sort(byActivity),
  };
}

/** "AL" for Ada Lovelace, "A" for ada; letters and digits only, one emoji as it is. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’.-]*/gu) ?? [];
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => [...(word ?? "")][0] ?? "",
  );
  return letters.join("").toLocaleUpperCase() || ([...name.trim()][0] ?? "?");
}

/** Always the same for one id, whoever looks. */
export function colourOf(id: string): string {
  let hash = 2166136261; // FNV-1a
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 16777619);
  }
  hash ^= hash >>> 15; // short ids differ in the low bits only
  return COLOURS[(hash >>> 0) % COLOURS.length] ?? COLOURS[0];
}

/** Only pictures that travel inside the text: an address could track, or log people out. */
export function safePicture(url: string | null): string | null {
  return url !== null && /^data:image\/(png|jpeg|gif|webp);base64,/i.test(url) ? url : null;
}

function isHere(person: Person): boolean {
  return person.state !== "offline";
}

function byActivity(a: Person, b: Person): number {
  if (a.isMe !== b.isMe) return a.isMe ? 1 : -1;
  if (a.state !== b.state) return RANK[a.state] - RANK[b.state];
  return b.lastActive - a.lastActive || a.member.name.localeCompare(b.member.name);
}
