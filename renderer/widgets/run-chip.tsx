/** A run in a page head: letter, name, one detail. */
import type { ReactNode } from "react";
import { FileText } from "./file-text.tsx";
import { RunBadge } from "./run-badge.tsx";
import styles from "./run-chip.module.css";

export interface RunChipProps {
  letter: string | null;
  label: string;
  detail?: string;
  children?: ReactNode;
}

export function RunChip({ letter, label, detail, children }: RunChipProps) {
  return (
    <span className={styles.chip}>
      <RunBadge letter={letter} />
      <span className={styles.label}>
        <FileText text={label} limit={40} />
      </span>
      {detail && <span className={styles.detail}>{detail}</span>}
      {children}
    </span>
  );
}
