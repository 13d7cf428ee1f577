/** The head row of a view: its one h1, then chips, then actions at the right. */
import type { ReactNode } from "react";
import styles from "./page-head.module.css";

export interface PageHeadProps {
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

export function PageHead({ title, children, actions }: PageHeadProps) {
  return (
    <div className={styles.head}>
      <h1 className={styles.title}>{title}</h1>
      <div className={styles.middle}>{children}</div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
