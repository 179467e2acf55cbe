import type { Emoji, EmojiGroup } from "./types.ts";

export const groups: readonly EmojiGroup[] = [];

export function search(_query: string): readonly Emoji[] {
  return [];
}

export function find(_emoji: string): Emoji | undefined {
  return undefined;
}
