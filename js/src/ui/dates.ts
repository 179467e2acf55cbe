// Times for people, by the viewer's locale and time zone. Input is the server's UTC epoch
// seconds, or ms since the epoch where the name says so.

import { locale, t } from "./text.ts";

const DAY_MS = 86_400_000;

const time = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
const date = new Intl.DateTimeFormat(locale, { dateStyle: "long" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "long" });
const weekdayAndDate = new Intl.DateTimeFormat(locale, {
  weekday: "long",
  month: "long",
  day: "numeric",
});
const withYear = new Intl.DateTimeFormat(locale, {
  weekday: "long",
  year: "numeric",
  month: "long",
  day: "numeric",
});

export const shortTime = (at: number): string => time.format(at * 1000);
export const fullTime = (at: number): string => full.format(at * 1000);
export const longDate = (at: number): string => date.format(at * 1000);

/** "10:42", without the "AM": it stands in the narrow gutter. */
export function gutterTime(at: number): string {
  const parts = time.formatToParts(at * 1000).filter((part) => part.type !== "dayPeriod");
  return parts
    .map((part) => part.value)
    .join("")
    .trim();
}

/** The local day as a number that grows by one each day; equal for two times of one day. */
export function dayNumber(at: number): number {
  const day = new Date(at * 1000);
  return Math.round(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / DAY_MS);
}

/** Today, Yesterday, the weekday within 6 days, else the date, with the year if not this one. */
export function dayLabel(at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  if (days > 1 && days <= 6) return weekday.format(at * 1000);
  const sameYear = new Date(at * 1000).getFullYear() === new Date(now * 1000).getFullYear();
  return (sameYear ? weekdayAndDate : withYear).format(at * 1000);
}

/** "14:03", "yesterday at 14:03", "Monday at 14:03", for the middle of a sentence. */
export function writtenAt(at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at);
  if (days === 1) return t("yesterdayAt", shortTime(at));
  return t("writtenAt", dayLabel(at, now), shortTime(at));
}

/** Ms from `nowMs` until the local day changes. */
export function untilMidnight(nowMs: number): number {
  const next = new Date(nowMs);
  next.setHours(24, 0, 0, 0);
  return next.getTime() - nowMs;
}
