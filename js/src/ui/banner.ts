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
  if (link.state === "connecting") return NO_OUTAGE;
  if (link.state !== "live") return { lostAt: outage.lostAt ?? now, backAt: null };
  if (outage.lostAt === null) return outage;
  const told = now - outage.lostAt >= QUIET_MS;
  return { lostAt: null, backAt: told ? now : null };
}

export function bannerOf(link: Link, outage: Outage, now: number): Banner | null {
  const quiet = outage.lostAt !== null && now - outage.lostAt < QUIET_MS;
  switch (link.state) {
    case "connecting":
      return null;
    case "live":
      return outage.backAt !== null && now - outage.backAt < BACK_MS
        ? { tone: "success", text: t("backOnline"), action: null, label: "" }
        : null;
    case "offline":
      return { tone: "warning", text: t("offlineBanner"), action: null, label: "" };
    case "waiting":
      return quiet ? null : lost(Math.ceil((link.retryAt - now) / 1000));
    case "trying":
      return quiet ? null : lost(0);
    case "ended":
      return ended(link.code, link.message);
  }
}

function lost(seconds: number): Banner {
  const text = seconds > 0 ? t("lost", seconds) : t("lostTrying");
  return { tone: "warning", text, action: "retry", label: t("retryNow") };
}

function ended(code: number, message: string): Banner {
  const tone = "error";
  if (code === 4001) return { tone, text: t("outdated"), action: "reload", label: t("reload") };
  if (code === 4003) return { tone, text: t("signedOut"), action: "reload", label: t("signIn") };
  const text = t("ended", message);
  if (code === 4004 || code === 4010) return { tone, text, action: "close", label: t("close") };
  return { tone, text, action: "retry", label: t("retry") };
}
