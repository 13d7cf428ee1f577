/** A small word on a quiet ground; with `onRemove` it is a filter that can be taken away. */
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import styles from "./chip.module.css";

export type Tone = "plain" | "ok" | "warn" | "bad" | "accent" | "intruder" | "outline";

export interface ChipProps {
  tone?: Tone;
  children: ReactNode;
  onRemove?: () => void;
  /** Name of the remove button: "Show all layers". */
  removeLabel?: string;
}

export function Chip({ tone = "plain", children, onRemove, removeLabel = "Remove" }: ChipProps) {
  return (
    <span className={`${styles.chip} ${styles[tone]}`}>
      {children}
      {onRemove && (
        <button type="button" className={styles.remove} onClick={onRemove} aria-label={removeLabel} title={removeLabel}>
          <IconX size={12} stroke={1.6} aria-hidden="true" />
        </button>
      )}
    </span>
  );
}
