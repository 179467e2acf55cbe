// The icons of menus: the core's, and some of their own.

import { PATHS as CORE, Drawing } from "../Icon.tsx";

const PATHS = {
  ...CORE,
  edit: "m10.2 3.4 2.4 2.4M2.8 13.2l.7-3 7.3-7.3a1.2 1.2 0 0 1 1.7 0l.6.6a1.2 1.2 0 0 1 0 1.7l-7.3 7.3-3 .7Z",
  trash: "M3 4.5h10M6.3 4.3V2.8h3.4v1.5M4.3 4.5l.6 8.7h6.2l.6-8.7M6.9 7v3.8M9.1 7v3.8",
  undo: "M5.5 3 2.5 6l3 3M2.5 6h7a4 4 0 0 1 0 8H6",
  unread: "M2.5 4.5h7M2.5 8h11M2.5 11.5h11M13 4.5h.01",
  keyboard:
    "M2.5 4h11a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1ZM4.5 6.7h.01M7 6.7h.01M9.3 6.7h.01M11.6 6.7h.01M5 9.3h6",
  read: "m1.5 8.5 3 3L10 6M7.5 11.2l.4.4L14.5 5",
} as const;

export type IconName = keyof typeof PATHS;

export function MenuIcon({ name }: { readonly name: IconName }) {
  return <Drawing name={name} path={PATHS[name]} />;
}
