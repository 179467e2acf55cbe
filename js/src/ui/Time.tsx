import { fullTime } from "./dates.ts";

interface Props {
  /** UTC epoch seconds. */
  readonly at: number;
  readonly text: string;
}

/** A short time; the whole date and zone on hover and focus. */
export function Time({ at, text }: Props) {
  return (
    <time
      class="jc-Time"
      dateTime={new Date(at * 1000).toISOString()}
      tabIndex={-1}
      data-tip={fullTime(at)}
    >
      {text}
    </time>
  );
}
