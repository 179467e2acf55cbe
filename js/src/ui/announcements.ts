// What the hidden announcer says of new messages, and when: at most one text in 2 s, a burst as
// a count. Pure: time comes in.

import { t } from "./text.ts";

const GAP_MS = 2000;

export interface Heard {
  readonly author: string;
  readonly text: string;
}

/** `at` is when the last text was said, ms since the epoch. */
export interface Speech {
  readonly waiting: readonly Heard[];
  readonly at: number;
}

export const SILENT: Speech = { waiting: [], at: 0 };

export function hear(speech: Speech, heard: readonly Heard[]): Speech {
  return { ...speech, waiting: [...speech.waiting, ...heard] };
}

/** Ms until the next text may be said; null if there is none. */
export function dueIn(speech: Speech, now: number): number | null {
  return speech.waiting.length === 0 ? null : Math.max(0, speech.at + GAP_MS - now);
}

/** The text to say now, and what is left. */
export function say(speech: Speech, now: number): readonly [string, Speech] {
  const [only] = speech.waiting;
  const text =
    only !== undefined && speech.waiting.length === 1
      ? t("announceMessage", only.author, only.text)
      : t("announceMany", speech.waiting.length);
  return [text, { waiting: [], at: now }];
}
