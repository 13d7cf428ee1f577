/** Marks and words over the spectra: intruders, and where lines end. */
import { type PlotAxis, type PlotBox, xPosition, yPosition } from "./axis-helpers.ts";
import { Mark } from "./marks.tsx";
import styles from "./plot.module.css";

export interface SpectrumAxes {
  x: PlotAxis;
  y: PlotAxis;
}

/** What of an intruder the chart shows. */
export interface IntruderMark {
  /** Rank in W, from 1. */
  rank: number;
  singularValue: number;
}

/** A vector whose singular value an intervention changes. */
export interface ScaledMark {
  rank: number;
  from: number;
  to: number;
}

interface NoteProps {
  box: PlotBox;
  axes: SpectrumAxes;
}

export function Diamonds({
  box,
  axes: { x, y },
  intruders,
  highlighted,
}: NoteProps & { intruders: readonly IntruderMark[]; highlighted: number | undefined }) {
  return intruders.map(({ rank, singularValue }) => {
    const on = rank === highlighted;
    return (
      <Mark
        key={rank}
        shape="diamond"
        x={xPosition(x, box, rank)}
        y={yPosition(y, box, singularValue)}
        size={on ? 5.5 : 3.4}
        fill="var(--intruder)"
        stroke={on ? "var(--text)" : "var(--panel)"}
        strokeWidth={on ? 1.5 : 1}
      />
    );
  });
}

/** The same vectors at another strength: hollow, each tied to where it stands as trained. */
export function HollowDiamonds({ box, axes: { x, y }, scaled }: NoteProps & { scaled: readonly ScaledMark[] }) {
  return scaled.map(({ rank, from, to }) => {
    const px = xPosition(x, box, rank);
    const end = yPosition(y, box, to);
    return (
      <g key={rank}>
        <line className={styles.tie} x1={px} x2={px} y1={yPosition(y, box, from)} y2={end} />
        <Mark
          shape="diamond"
          x={px}
          y={end}
          size={2.8}
          fill="var(--panel)"
          stroke="var(--intruder)"
          strokeWidth={1.4}
        />
      </g>
    );
  });
}

export function EndNote({
  box,
  axes: { x, y },
  delta,
  colour,
  note,
}: NoteProps & { delta: readonly number[]; colour: string; note: string }) {
  const last = delta.findLastIndex((value) => value > y.domain.low);
  if (last < 0) return null;
  const px = xPosition(x, box, last + 1);
  const right = px < box.width * 0.6;
  // A single value stands among the spectra of W; its words go to the foot of the chart, where no line is.
  return (
    <text
      className={styles.strong}
      x={right ? px + 8 : px - 8}
      y={Math.min(box.height - box.bottom - 6, last === 0 ? box.height : yPosition(y, box, delta[last] ?? 0))}
      textAnchor={right ? "start" : "end"}
      fill={colour}
    >
      {note}
    </text>
  );
}

/** After the last stored value of W, above the line of ΔW. */
export function StartNote({
  box,
  axes: { x, y },
  tuned,
  note,
}: NoteProps & { tuned: readonly number[]; note: string }) {
  const last = tuned.length;
  if (last === 0) return null;
  return (
    <text className={styles.note} x={xPosition(x, box, last) + 8} y={yPosition(y, box, tuned[last - 1] ?? 1) + 3}>
      {note}
    </text>
  );
}
