/** A coloured card: what is the matter, what to do about it. */
import { IconAlertCircle, IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import styles from "./notice.module.css";

export type NoticeTone = "bad" | "warn" | "info" | "ok";

export interface NoticeProps {
  tone: NoticeTone;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  footer?: ReactNode;
  testId?: string;
}

const icons = { bad: IconAlertCircle, warn: IconAlertTriangle, info: IconInfoCircle, ok: IconCircleCheck };

export function Notice({ tone, title, children, actions, footer, testId }: NoticeProps) {
  const Icon = icons[tone];
  return (
    <div className={`${styles.notice} ${styles[tone]}`} role={tone === "bad" ? "alert" : "note"} data-testid={testId}>
      <Icon className={styles.icon} size={16} stroke={1.4} aria-hidden="true" />
      <div className={styles.text}>
        <p className={styles.title}>{title}</p>
        {children && <div className={styles.body}>{children}</div>}
        {actions && <div className={styles.actions}>{actions}</div>}
        {footer && <div className={styles.footer}>{footer}</div>}
      </div>
    </div>
  );
}
