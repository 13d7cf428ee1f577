/** What lines and marks mean. */
import { Mark } from "../../../charts/marks.tsx";
import styles from "../theory.module.css";

export function Legend() {
  return (
    <span className={styles.legend}>
      <span>
        <svg width="18" height="6" aria-hidden="true">
          <path d="M0 3h18" stroke="var(--text-2)" strokeWidth="1.8" />
        </svg>
        FFT exact
      </span>
      <span>
        <svg width="18" height="6" aria-hidden="true">
          <path d="M0 3h18" stroke="var(--text-2)" strokeWidth="1.8" strokeDasharray="5 3" />
        </svg>
        LoRA ≈
      </span>
      <span>
        <svg width="12" height="12" aria-hidden="true">
          <path d="M6 0v12" stroke="var(--text-2)" />
          <Mark shape="circle" x={6} y={6} size={2.6} fill="var(--panel)" stroke="var(--text-2)" strokeWidth={1.4} />
        </svg>
        simulated mean ± 2 se
      </span>
      <span>
        <svg width="14" height="14" aria-hidden="true">
          <circle cx={7} cy={7} r={5} fill="none" stroke="var(--text)" strokeWidth={1.6} />
        </svg>
        crossover
      </span>
    </span>
  );
}
