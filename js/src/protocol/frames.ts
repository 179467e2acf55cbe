// Text to frames: what we know is let through by its tag, anything else is ignored.

import type { Entry, ServerFrame } from "./types.generated.ts";

export const PROTOCOL_VERSION = 1;

const FRAME_TYPES: Readonly<Record<ServerFrame["type"], true>> = {
  welcome: true,
  snapshot: true,
  entries: true,
  live: true,
  ack: true,
  refused: true,
  presence: true,
  ephemeral: true,
  page: true,
  members: true,
  read: true,
  ping: true,
  reset: true,
  goodbye: true,
};

/** An entry of a kind that a newer server writes: it only advances the cursor. */
export interface UnknownEntry {
  readonly kind: string;
  readonly seq: number;
}

const ENTRY_KINDS: Readonly<Record<Entry["kind"], true>> = {
  posted: true,
  edited: true,
  redacted: true,
  reacted: true,
  unreacted: true,
  joined: true,
  profile_changed: true,
  renamed: true,
};

/** The frame, or null for a type that this version does not know. Throws on anything else. */
export function decodeFrame(text: string): ServerFrame | null {
  const value: unknown = JSON.parse(text);
  if (!hasTag(value, "type")) throw new TypeError("A frame is an object with a type.");
  return isServerFrame(value) ? value : null;
}

export function isKnownEntry(entry: Entry | UnknownEntry): entry is Entry {
  return Object.hasOwn(ENTRY_KINDS, entry.kind);
}

export function assertNever(value: never): never {
  throw new TypeError(`Unexpected ${JSON.stringify(value)}`);
}

// The server's own types make these frames, so the tag vouches for the rest.
function isServerFrame(value: { readonly type: string }): value is ServerFrame {
  return Object.hasOwn(FRAME_TYPES, value.type);
}

function hasTag<K extends string>(value: unknown, key: K): value is Record<K, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    key in value &&
    typeof Reflect.get(value, key) === "string"
  );
}
