/** A formatted number, right-aligned, with its standing where that is not plain "computed". */

import styles from "./number-cell.module.css";
import type { StandingValue } from "./standing.tsx";

export interface NumberCellProps {
  /** Formatted through the contract's format functions. */
  text: string;
  standing?: StandingValue;
  tone?: "plain" | "strong" | "intruder" | "quiet";
  title?: string;
}

export function NumberCell({ text, standing = "computed", tone = "plain", title }: NumberCellProps) {
  return (
    <span className={`${styles.number} ${styles[tone]}`} title={title}>
      {standing === "estimated" && <abbr title="estimated">≈ </abbr>}
      {text}
    </span>
  );
}
