// Fetches the chunks, and gives the core's own modules to those that draw with them.

import type { LoadFile } from "../mounting.ts";
import * as shared from "./shared.ts";
import type {
  ChunkLoader,
  EmojiIndex,
  Highlighter,
  KernelChunk,
  MarkdownChunk,
  MathChunk,
  OfflineChunk,
  PanelsChunk,
} from "./types.ts";

// File names with their hashes, from the build.
declare const HIGHLIGHT: string;
declare const EMOJI: string;
declare const MATH: string;
declare const MARKDOWN: string;
declare const PANELS: string;
declare const KERNEL: string;
declare const OFFLINE: string;

/** A kernel that has to answer may be busy for hours. */
const PATIENCE_MS = 10_000;

/** A chunk that draws: a function, so that several versions of the core can be on one page. */
interface Part<Chunk> {
  default(core: typeof shared): Chunk;
}

export function chunksFrom(load: LoadFile): ChunkLoader {
  const file = <Chunk>(name: string): Promise<Chunk> => soon(load<Chunk>(name));
  const part = <Chunk>(name: string): Promise<Chunk> => partFrom<Chunk>(load, name);
  return {
    highlight: () => file<Highlighter>(HIGHLIGHT),
    emoji: () => file<EmojiIndex>(EMOJI),
    math: () => file<MathChunk>(MATH),
    markdown: () => part<MarkdownChunk>(MARKDOWN),
    panels: () => part<PanelsChunk>(PANELS),
  };
}

/** Fetched where a page has no server, before anything is drawn. */
export function loadKernel(load: LoadFile): Promise<KernelChunk> {
  return partFrom<KernelChunk>(load, KERNEL);
}

async function partFrom<Chunk>(load: LoadFile, name: string): Promise<Chunk> {
  return (await soon(load<Part<Chunk>>(name))).default(shared);
}

/** Fetched when a conversation is opened, before anything is drawn. */
export function loadOffline(load: LoadFile): Promise<OfflineChunk> {
  return soon(load<OfflineChunk>(OFFLINE));
}

/** Rejects if it takes too long. */
function soon<Value>(promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, PATIENCE_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
