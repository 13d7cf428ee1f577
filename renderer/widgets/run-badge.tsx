/** The letter of a run on its colour; "0" is the base, no letter an item that is not used as a run. */
import styles from "./run-badge.module.css";

export interface RunBadgeProps {
  letter: string | null | undefined;
}

/** The letter carries the meaning, the colour only repeats it. */
export function RunBadge({ letter }: RunBadgeProps) {
  if (!letter) return <span className={`${styles.badge} ${styles.none}`} aria-hidden="true" />;
  const base = letter === "0";
  return (
    <span
      className={`${styles.badge} ${base ? styles.base : ""}`}
      style={base ? undefined : { background: runColour(letter) }}
      role="img"
      aria-label={base ? "Base" : `Run ${letter}`}
    >
      <span aria-hidden="true">{letter}</span>
    </span>
  );
}

/** CSS colour of a run: `var(--run-B)`; "0" is the base. */
export function runColour(letter: string): string {
  return /^[A-H]$/.test(letter) ? `var(--run-${letter})` : "var(--run-base)";
}
