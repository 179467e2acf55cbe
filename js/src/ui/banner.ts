// What the connection line says. Pure: time comes in.

import type { Link } from "../store/conversation.ts";
import { t } from "./text.ts";

/** Breaks shorter than this are not shown. */
export const QUIET_MS = 3000;
export const BACK_MS = 2000;

export type BannerAction = "retry" | "reload" | "close";

export interface Banner {
  readonly tone: "warning" | "error" | "success";
  readonly text: string;
  /** For a screen reader: the same without what counts down. */
  readonly said: string;
  readonly action: BannerAction | null;
  readonly label: string;
}

/** When the connection was lost and came back, ms since the epoch; null if it did not. */
export interface Outage {
  readonly lostAt: number | null;
  readonly backAt: number | null;
}

export const NO_OUTAGE: Outage = { lostAt: null, backAt: null };

/** Follows the link: remembers when it broke, and whether the reader was told of it. */
export function nextOutage(outage: Outage, link: Link, now: number): Outage {
  if (link.state === "connecting" && outage.lostAt === null) return NO_OUTAGE;
  if (link.state !== "live") return { lostAt: outage.lostAt ?? now, backAt: null };
  if (outage.lostAt === null) return outage;
  const told = now - outage.lostAt >= QUIET_MS;
  return { lostAt: null, backAt: told ? now : null };
}

/** Whether the line may soon say something else by itself. */
export function isUneasy(link: Link, { lostAt, backAt }: Outage, now: number): boolean {
  if (link.state === "live") return backAt !== null && now - backAt < BACK_MS;
  return lostAt !== null && link.state !== "ended";
}

/** `hasText` says that something waits, or is being written. */
export function bannerOf(link: Link, outage: Outage, now: number, hasText = false): Banner | null {
  const quiet = outage.lostAt !== null && now - outage.lostAt < QUIET_MS;
  switch (link.state) {
    case "connecting":
      return now - (outage.lostAt ?? link.since) < QUIET_MS ? null : lost(0, link.why, hasText);
    case "live":
      return outage.backAt !== null && now - outage.backAt < BACK_MS
        ? line("success", t("backOnline"))
        : null;
    case "offline":
      return quiet ? null : line("warning", t("offlineBanner"));
    case "waiting":
      return quiet ? null : lost(Math.ceil((link.retryAt - now) / 1000), link.why, hasText);
    case "trying":
      return quiet ? null : lost(0, link.why, hasText);
    case "ended":
      return ended(link.code, link.message);
  }
}

/** The kernel that carries everything does not answer. */
export function waiting(text: string): Banner {
  return line("warning", text);
}

/** What stays after "Close": nothing that is written now will be sent. */
export function closedBanner(): Banner {
  return line("warning", t("disconnected"));
}

function line(
  tone: Banner["tone"],
  text: string,
  action: BannerAction | null = null,
  label = "",
): Banner {
  return { tone, text, said: text, action, label };
}

function lost(seconds: number, why: string | undefined, hasText: boolean): Banner {
  const again = seconds > 0 ? t("tryingIn", seconds) : t("trying");
  const said = why && hasText ? t("ended", why) : why || t("lost");
  return { tone: "warning", text: `${said} ${again}`, said, action: "retry", label: t("retryNow") };
}

function ended(code: number, message: string): Banner {
  if (code === 4001) return line("error", t("outdated"), "reload", t("reload"));
  if (code === 4003) return line("error", t("signedOut"), "reload", t("signIn"));
  const text = t("ended", message);
  if (code === 4004 || code === 4010) return line("error", text, "close", t("close"));
  return line("error", text, "retry", t("retry"));
}
