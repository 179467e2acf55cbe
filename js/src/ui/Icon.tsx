// Icons: strokes on a 16 px grid, in the colour of the text around them.

export const PATHS = {
  more: "M3.1 8a.4.4 0 1 0 .8 0 .4.4 0 0 0-.8 0ZM7.6 8a.4.4 0 1 0 .8 0 .4.4 0 0 0-.8 0ZM12.1 8a.4.4 0 1 0 .8 0 .4.4 0 0 0-.8 0Z",
  smile: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.6 9.6a3 3 0 0 0 4.8 0M6 6.3h.01M10 6.3h.01",
  react:
    "M13.6 7A6 6 0 1 1 9 2.1M5.3 9.6a3 3 0 0 0 4.8 0M5.7 6.4h.01M9.7 6.4h.01M13 1.5v4M11 3.5h4",
  reply: "M6.5 3.5 2.5 7.5l4 4M2.5 7.5h6a5 5 0 0 1 5 5",
  send: "M8 13V3.2M3.8 7.3 8 3l4.2 4.3",
  down: "M8 3v9.5M4 8.8 8 13l4-4.2",
  up: "M8 13V3.5M4 7.2 8 3l4 4.2",
  close: "m4 4 8 8M12 4l-8 8",
  check: "m3 8.5 3.3 3.3L13 4.7",
  copy: "M5.5 5.5v-2a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2M3.5 5.5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1Z",
  wrap: "M2.5 4h11M2.5 8h8.7a2.2 2.2 0 0 1 0 4.4H8.5M10 10.6l-1.8 1.8L10 14.2M2.5 12.4h3",
  clock: "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM8 5v3.2l2 1.3",
  alert:
    "M8 5.5v3M8 11h.01M7 2.9 1.9 11.6a1.2 1.2 0 0 0 1 1.8h10.2a1.2 1.2 0 0 0 1-1.8L9 2.9a1.2 1.2 0 0 0-2 0Z",
  chat: "M2.5 12.8V4a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v6.2a1 1 0 0 1-1 1H5.2l-2.7 1.6Z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return <Drawing name={name} path={PATHS[name]} />;
}

interface DrawingProps {
  readonly name: string;
  readonly path: string;
}

export function Drawing({ name, path }: DrawingProps) {
  return (
    <svg class="jc-Icon" data-icon={name} viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
