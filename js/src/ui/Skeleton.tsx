interface Props {
  readonly rows: number;
  readonly label: string;
}

const WIDTHS = ["62%", "84%", "46%", "70%"] as const;

/** Grey shapes where messages will be. */
export function Skeleton({ rows, label }: Props) {
  return (
    <div class="jc-Skeleton" role="status" aria-label={label}>
      {WIDTHS.slice(0, rows).map((width) => (
        <div key={width} class="jc-Skeleton-row" aria-hidden="true">
          <span class="jc-Skeleton-face" />
          <span class="jc-Skeleton-lines">
            <span class="jc-Skeleton-line" style={{ width: "96px" }} />
            <span class="jc-Skeleton-line" style={{ width }} />
          </span>
        </div>
      ))}
    </div>
  );
}
