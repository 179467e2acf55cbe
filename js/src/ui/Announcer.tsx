import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { dueIn, hear, SILENT, type Speech, say } from "./announcements.ts";
import { isLastUsed } from "./last-used.ts";
import { firstLine, nameOf } from "./phrases.ts";
import { useUi } from "./ui.ts";

/** Says new messages to a screen reader, one text in 2 s, in the widget used last only. */
export function Announcer() {
  const { store, list, view } = useUi();
  const text = useSignal("");
  const speech = useRef<Speech>(SILENT);
  const heardUpTo = useRef(Number.POSITIVE_INFINITY);
  const messages = list.messages.value;
  useEffect(() => {
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
  }, [messages]);
  useEffect(() => {
    const timer = setInterval(() => {
      const now = Date.now();
      if (dueIn(speech.current, now) !== 0) return;
      [text.value, speech.current] = say(speech.current, now);
    }, 250);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="jc-Hidden" role="status" aria-live="polite">
      {text.value}
    </div>
  );
}
