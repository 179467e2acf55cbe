// Which emoji this person uses: recents, the most used, the skin tone. Kept in the browser;
// without storage they last as long as the page.

import { signal } from "@preact/signals";
import type { Ui } from "./ui.ts";

const KEY = "jupyter_collab:emoji";
const MAX_RECENT = 16;
const MAX_COUNTED = 64;
const FIRST: readonly string[] = ["👍", "🎉", "❤️"];

export interface Habits {
  /** Latest first. */
  readonly recent: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  /** 0 is the yellow one, 1 to 5 from light to dark. */
  readonly tone: number;
}

export const NO_HABITS: Habits = { recent: [], counts: {}, tone: 0 };

/** After one more use of `emoji`. */
export function used(habits: Habits, emoji: string): Habits {
  const recent = [emoji, ...habits.recent.filter((each) => each !== emoji)].slice(0, MAX_RECENT);
  const counts = { ...habits.counts, [emoji]: (habits.counts[emoji] ?? 0) + 1 };
  const top = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  return { ...habits, recent, counts: Object.fromEntries(top.slice(0, MAX_COUNTED)) };
}

/** The most used ones, filled up with common ones. */
export function favourites(habits: Habits, count = 3): readonly string[] {
  const top = Object.entries(habits.counts)
    .sort((a, b) => b[1] - a[1])
    .map(([emoji]) => emoji);
  return [...new Set([...top, ...FIRST])].slice(0, count);
}

export function readHabits(text: string | null): Habits {
  if (text === null) return NO_HABITS;
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) return NO_HABITS;
  const { recent, counts, tone } = value;
  return {
    recent: Array.isArray(recent) ? recent.filter((each) => typeof each === "string") : [],
    counts: isRecord(counts) ? numbersOf(counts) : {},
    tone: typeof tone === "number" && tone >= 0 && tone <= 5 ? Math.floor(tone) : 0,
  };
}

export const habits = signal<Habits>(load());

export function noteUse(emoji: string): void {
  store(used(habits.value, emoji));
}

/** Sets my reaction or takes it back; only setting it is a use of the emoji. */
export function react({ store, list }: Ui, seq: number, emoji: string): void {
  const set = list.bySeq
    .peek()
    .get(seq)
    ?.reactions.find((each) => each.emoji === emoji);
  if (!set?.members.includes(store.me.peek()?.id ?? "")) noteUse(emoji);
  store.toggleReaction(seq, emoji);
}

export function chooseTone(tone: number): void {
  store({ ...habits.value, tone });
}

function load(): Habits {
  try {
    return readHabits(globalThis.localStorage?.getItem(KEY) ?? null);
  } catch {
    return NO_HABITS; // storage is forbidden here, or holds something else
  }
}

function store(value: Habits): void {
  habits.value = value;
  try {
    globalThis.localStorage?.setItem(KEY, JSON.stringify(value));
  } catch {
    // storage is full or forbidden: the habits last as long as the page
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numbersOf(value: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    ),
  );
}
