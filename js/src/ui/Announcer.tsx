import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { dueIn, hear, SILENT, type Speech, say } from "./announcements.ts";
import { isLastUsed } from "./last-used.ts";
import { firstLine, nameOf } from "./phrases.ts";
import { useUi } from "./ui.ts";

/**
 * Says new messages to a screen reader, one text in 2 s, in the widget used last only. A new
 * element each time, so that the same text is said again.
 */
export function Announcer() {
  const { store, list, view } = useUi();
  const said = useSignal({ text: "", at: 0 });
  const speech = useRef<Speech>(SILENT);
  const timer = useRef(0);
  const heardUpTo = useRef(Number.POSITIVE_INFINITY);
  const messages = list.messages.value;
  const isLoaded = store.loaded.value;
  useEffect(() => {
    if (!isLoaded) return;
    const newest = messages.findLast(({ seq }) => seq !== null)?.seq ?? 0;
    const since = heardUpTo.current;
    heardUpTo.current = newest;
    if (since >= newest || !isLastUsed(view.host)) return;
    const me = store.me.peek()?.id;
    const fresh = messages.filter(({ seq, author }) => (seq ?? 0) > since && author !== me);
    const heard = fresh.map((message) => ({
      author: nameOf(store.members.peek(), message.author),
      text: firstLine(message.text),
    }));
    speech.current = hear(speech.current, heard);
    clearTimeout(timer.current);
    const wait = dueIn(speech.current, Date.now());
    if (wait === null) return;
    timer.current = window.setTimeout(() => {
      const [text, rest] = say(speech.current, Date.now());
      speech.current = rest;
      said.value = { text, at: rest.at };
    }, wait);
  }, [messages, isLoaded]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div class="jc-Hidden" role="status" aria-live="polite">
      <p key={said.value.at}>{said.value.text}</p>
    </div>
  );
}
