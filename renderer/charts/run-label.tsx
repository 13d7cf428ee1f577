/** Letter and name of a run at the end of its line, as SVG. */
import styles from "./plot.module.css";

interface RunLabelProps {
  letter: string;
  /** Left out where the panel already names the run. */
  text?: string;
  x: number;
  /** Middle of the line of text. */
  y: number;
}

const side = 14;

export function RunLabel({ letter, text, x, y }: RunLabelProps) {
  return (
    <g>
      <rect x={x} y={y - side / 2} width={side} height={side} rx={3.5} fill={`var(--run-${letter})`} />
      <text x={x + side / 2} y={y + 3.4} textAnchor="middle" className={styles.letter}>
        {letter}
      </text>
      {text && (
        <text className={styles.label} x={x + side + 5} y={y + 3.8}>
          {text}
        </text>
      )}
    </g>
  );
}
