import { Component, type ComponentChildren } from "preact";
import { elementIn } from "./dom.ts";
import { t } from "./text.ts";

interface Props {
  readonly source: string;
  readonly children: ComponentChildren;
}

type State = { readonly shows: "message" | "error" | "source" };

/** Keeps a message that can't be drawn from taking the others with it. */
export class Guard extends Component<Props, State> {
  override state: State = { shows: "message" };

  override componentDidCatch(error: unknown): void {
    console.error("jupyter_collab: a message could not be drawn", error);
    this.setState({ shows: "error" });
  }

  override render({ children, source }: Props, { shows }: State) {
    if (shows === "message") return children;
    if (shows === "source") return <pre class="jc-Source">{source}</pre>;
    return (
      <p class="jc-Deleted">
        {t("brokenMessage")}{" "}
        <button
          type="button"
          class="jc-TextButton"
          tabIndex={-1}
          onClick={({ currentTarget }) => {
            elementIn(currentTarget, ".jc-Message")?.focus({ preventScroll: true });
            this.setState({ shows: "source" });
          }}
        >
          {t("showSource")}
        </button>
      </p>
    );
  }
}
