/** Nothing here yet: one sentence, one primary action, at most two others. */
import type { ReactNode } from "react";
import styles from "./empty-state.module.css";

export interface EmptyStateProps {
  title?: string;
  icon?: ReactNode;
  sentence: ReactNode;
  action?: ReactNode;
  others?: ReactNode;
}

export function EmptyState({ title, icon, sentence, action, others }: EmptyStateProps) {
  return (
    <div className={styles.empty} data-testid="empty-state">
      {icon && <div className={styles.icon}>{icon}</div>}
      {title && <h2 className={styles.title}>{title}</h2>}
      <p className={styles.sentence}>{sentence}</p>
      {(action || others) && (
        <div className={styles.actions}>
          {action}
          {others}
        </div>
      )}
    </div>
  );
}
