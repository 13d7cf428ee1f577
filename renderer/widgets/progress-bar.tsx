/** done of total, as a thin bar with a name. */
import styles from "./progress-bar.module.css";

export interface ProgressBarProps {
  /** "Analysis of lora-r16" */
  label: string;
  done: number;
  total: number;
  /** CSS width; the whole line by default. */
  width?: number | string;
  quiet?: boolean;
}

export function ProgressBar({ label, done, total, width = "100%", quiet = false }: ProgressBarProps) {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  return (
    <span
      className={styles.track}
      style={{ width }}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
    >
      <span className={`${styles.done} ${quiet ? styles.quiet : ""}`} style={{ width: `${share * 100}%` }} />
    </span>
  );
}
