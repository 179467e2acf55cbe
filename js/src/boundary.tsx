// Whatever goes wrong in drawing, the notebook's page lives on and says so.

import { Component, type ComponentChildren } from "preact";
import { Unavailable } from "./ui/Unavailable.tsx";

interface Props {
  readonly children: ComponentChildren;
}

interface State {
  readonly hasFailed: boolean;
}

export class Boundary extends Component<Props, State> {
  override state: State = { hasFailed: false };

  override componentDidCatch(error: unknown): void {
    console.error("jupyter_collab: the widget could not be drawn", error);
    this.setState({ hasFailed: true });
  }

  override render({ children }: Props, { hasFailed }: State) {
    if (!hasFailed) return children;
    const onRetry = () => this.setState({ hasFailed: false });
    return <Unavailable reason={{ kind: "failed", onRetry }} />;
  }
}
