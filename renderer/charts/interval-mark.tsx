/** A difference with its interval on an axis that its column shares; the numbers stand beside it as text. */
import { Mark, type MarkShape } from "./marks.tsx";
import styles from "./plot.module.css";

export interface IntervalMarkProps {
  value: number;
  interval: readonly [number, number] | undefined;
  domain: readonly [number, number];
  colour: string;
  shape: MarkShape;
  /** More than chance: a filled mark. */
  filled: boolean;
  /** A thicker line, for sums. */
  strong?: boolean;
  width?: number;
  height?: number;
}

export function IntervalMark(props: IntervalMarkProps) {
  const { value, interval, domain, colour, shape, filled, strong = false, width = 76, height = 20 } = props;
  const place = (at: number) => ((at - domain[0]) / (domain[1] - domain[0])) * width;
  const inside = (at: number) => Math.max(0, Math.min(width, place(at)));
  const middle = height / 2;
  return (
    <svg className={styles.interval} width={width} height={height} aria-hidden="true">
      <line className={styles.limit} x1={place(0)} x2={place(0)} y1={0} y2={height} />
      {interval && (
        <line
          x1={inside(interval[0])}
          x2={inside(interval[1])}
          y1={middle}
          y2={middle}
          stroke={colour}
          strokeWidth={strong ? 2.2 : 1.6}
        />
      )}
      <Mark
        shape={shape}
        x={inside(value)}
        y={middle}
        size={3.1}
        fill={filled ? colour : "var(--panel)"}
        stroke={colour}
      />
    </svg>
  );
}
