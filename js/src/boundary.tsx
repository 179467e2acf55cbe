// Whatever goes wrong in drawing, the notebook's page lives on and says so.

import { Component, type ComponentChildren } from "preact";
import { Unavailable } from "./ui/Unavailable.tsx";

interface Props {
  readonly children: ComponentChildren;
}

interface State {
  readonly failure: string | null;
}

export class Boundary extends Component<Props, State> {
  override state: State = { failure: null };

  override componentDidCatch(error: unknown): void {
    console.error("jupyter_collab: the widget could not be drawn", error);
    this.setState({ failure: error instanceof Error ? error.message : String(error) });
  }

  override render({ children }: Props, { failure }: State) {
    if (failure === null) return children;
    const onRetry = () => this.setState({ failure: null });
    return <Unavailable reason={{ kind: "failed", detail: failure, onRetry }} />;
  }
}
