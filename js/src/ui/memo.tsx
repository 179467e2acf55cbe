// Keeps a component from drawing again while its props are the same.

import {
  Component,
  type ComponentChild,
  type ComponentClass,
  type FunctionComponent,
} from "preact";

export function memo<Props extends object>(Draw: FunctionComponent<Props>): ComponentClass<Props> {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      return !isSame(this.props, next);
    }

    override render(): ComponentChild {
      return <Draw {...this.props} />;
    }
  };
}

function isSame(before: object, after: object): boolean {
  const left = Object.entries(before);
  const right = new Map(Object.entries(after));
  return left.length === right.size && left.every(([key, value]) => right.get(key) === value);
}
