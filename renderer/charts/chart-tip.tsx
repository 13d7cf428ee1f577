/** The tooltip of charts: title, two to six numbers, standing; the same for pointer and keyboard. */
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import styles from "./chart-tip.module.css";

export interface TipRow {
  label: string;
  value: string;
  tone?: "intruder";
}

export interface TipContent {
  title: string;
  /** Letter of the run, drawn at the right of the title. */
  badge?: ReactNode;
  rows: readonly TipRow[];
  /** "computed, certified" or a hint. */
  standing?: string;
}

interface ChartTipProps {
  content: TipContent;
  /** The datum in the window, in pixels; the tooltip stands beside it, never on it. */
  at: { x: number; y: number };
}

const clearance = 14;
const windowMargin = 8;

export function ChartTip({ content, at }: ChartTipProps) {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const next = box.current?.getBoundingClientRect();
    if (next && (next.width !== size.width || next.height !== size.height)) {
      setSize({ width: next.width, height: next.height });
    }
  });
  return createPortal(
    <div ref={box} className={styles.tip} role="tooltip" style={beside(at, size)}>
      <div className={styles.title}>
        <span>{content.title}</span>
        {content.badge}
      </div>
      <dl className={styles.rows}>
        {content.rows.map(({ label, value, tone }) => (
          <div key={label} className={styles.row}>
            <dt>{label}</dt>
            <dd className={tone === "intruder" ? styles.intruder : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
      {content.standing && <div className={styles.standing}>{content.standing}</div>}
    </div>,
    document.body,
  );
}

function beside(at: { x: number; y: number }, { width, height }: { width: number; height: number }) {
  const fitsRight = at.x + clearance + width < window.innerWidth - windowMargin;
  const left = fitsRight ? at.x + clearance : at.x - clearance - width;
  const lowest = window.innerHeight - height - windowMargin;
  const top = Math.max(windowMargin, Math.min(lowest, at.y - height / 2));
  return { left: Math.max(windowMargin, left), top };
}

/** The same content as one sentence, for screen readers. */
export function tipSentence({ title, rows, standing }: TipContent): string {
  const numbers = rows.map(({ label, value }) => `${label} ${value}`).join(", ");
  return [title, numbers, standing].filter(Boolean).join(". ");
}
