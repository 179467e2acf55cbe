// How long ago something was, by the viewer's locale.

import { longDate } from "../dates.ts";
import { locale } from "../text.ts";
import { t } from "./text.ts";

const ago = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

/** How long ago, in the largest fitting unit: "5 minutes ago", "yesterday". */
export function timeAgo(at: number, now: number): string {
  const seconds = Math.max(0, now - at);
  if (seconds < 60) return t("justNow");
  if (seconds < 3600) return ago.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return ago.format(-Math.floor(seconds / 3600), "hour");
  if (seconds < 30 * 86_400) return ago.format(-Math.floor(seconds / 86_400), "day");
  return longDate(at);
}
