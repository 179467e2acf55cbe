// Leaves this page for a new one without losing what was written.

import type { ConversationStore } from "../store/conversation.ts";

/** Loads the page anew; what would be gone with this one comes back in the composer. */
export function reload(store: ConversationStore): void {
  if (store.isPageOnly.peek()) takeBack(store);
  location.reload(); // the draft is kept when the page goes
}

/** Puts my messages that were not sent before what is being written. */
export function takeBack(store: ConversationStore): void {
  const texts: string[] = [];
  for (const { text, commandId, seq } of store.messages.peek()) {
    if (seq !== null || commandId === null) continue;
    texts.push(text);
    store.discard(commandId);
  }
  store.draft.value = [...texts, store.draft.peek()].filter((text) => text !== "").join("\n\n");
}
