/** One group of fields of the Evaluate sheet, with what is wrong in it. */
import type { ReactNode } from "react";
import styles from "../evaluate-sheet.module.css";
import type { Draft } from "../model/draft.ts";

export interface PartProps {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  problem?: string | undefined;
}

export function Part({
  title,
  problem,
  children,
}: {
  title: ReactNode;
  problem?: string | undefined;
  children: ReactNode;
}) {
  return (
    <fieldset className={styles.part}>
      <legend>{title}</legend>
      {children}
      {problem && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  );
}
