/** Names of lines and marks in the head of a chart whose lines lie too close for labels. */
import type { ReactNode } from "react";
import { Mark } from "../../../charts/marks.tsx";
import styles from "../inspector.module.css";

interface LegendLineProps {
  colour: string;
  dash?: string;
  children: ReactNode;
}

export function LegendLine({ colour, dash, children }: LegendLineProps) {
  return (
    <span className={styles.legendItem}>
      <svg width={18} height={10} aria-hidden="true">
        <path d="M1 5h16" stroke={colour} strokeWidth={2} strokeDasharray={dash} />
      </svg>
      {children}
    </span>
  );
}

interface LegendMarkProps {
  hollow?: boolean;
  children: ReactNode;
}

export function LegendMark({ hollow = false, children }: LegendMarkProps) {
  const paint = hollow ? { fill: "none", stroke: "var(--intruder)" } : { fill: "var(--intruder)", stroke: "none" };
  return (
    <span className={styles.legendItem}>
      <svg width={12} height={12} aria-hidden="true">
        <Mark shape="diamond" x={6} y={6} size={hollow ? 2.8 : 3.2} {...paint} />
      </svg>
      {children}
    </span>
  );
}
