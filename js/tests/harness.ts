// A store over a scripted transport, already live.

import assert from "node:assert/strict";
import type { ClientCommand, ClientFrame } from "../src/protocol/types.generated.ts";
import { type OwnedStore, openConversation, type ShownMessage } from "../src/store/conversation.ts";
import { ADA, FakeClock, FakeTransport, fakeStorage, message, welcome } from "./fakes.ts";

export interface Harness {
  readonly store: OwnedStore;
  readonly clock: FakeClock;
  readonly transport: FakeTransport;
  readonly drafts: ReturnType<typeof fakeStorage>;
  readonly renamed: string[];
}

export function harness(drafts = fakeStorage()): Harness {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const renamed: string[] = [];
  let commands = 0;
  const store = openConversation({
    id: "team",
    server: "http://here/",
    client: "web/test",
    transport,
    clock,
    drafts,
    newCommandId: () => `C${++commands}`,
    renameMe: async (name) => void renamed.push(name),
  });
  return { store, clock, transport, drafts, renamed };
}

/** Bo's message 1 and Ada's message 2 are there; I am Ada. */
export function live(): Harness {
  const made = harness();
  made.transport.open();
  made.transport.say(
    welcome(),
    {
      type: "snapshot",
      head: 2,
      before: null,
      messages: [message(1, "hi"), message(2, "hello", ADA.id)],
    },
    { type: "live", head: 2 },
  );
  made.transport.take();
  return made;
}

export function texts(store: OwnedStore): string[] {
  return store.messages.value.map((shown) => shown.text);
}

/** The first message of this text. */
export function shown(store: OwnedStore, text: string): ShownMessage {
  const found = store.messages.value.find((message) => message.text === text);
  assert.ok(found);
  return found;
}

export function commandsOf(frames: readonly ClientFrame[]): ClientCommand[] {
  return frames.flatMap((frame) => ("command_id" in frame ? [frame] : []));
}

/** The one command that was sent since the last look. */
export function onlyCommand(transport: FakeTransport): ClientCommand {
  const commands = commandsOf(transport.take());
  assert.equal(commands.length, 1);
  const [command] = commands;
  assert.ok(command);
  return command;
}

/** The commands of what will not be sent unless its author says so. */
export function failed(store: OwnedStore): string[] {
  return store.messages.value.flatMap(({ delivery, commandId }) =>
    delivery.state === "failed" && commandId !== null ? commandId : [],
  );
}

export function retryAll(store: OwnedStore): void {
  for (const id of failed(store)) store.retry(id);
}
