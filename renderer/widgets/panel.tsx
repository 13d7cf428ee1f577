/** A section named by its h2. */
import { type CSSProperties, type ReactNode, useId } from "react";
import styles from "./panel.module.css";

export interface PanelProps {
  title?: ReactNode;
  /** Name of a panel that shows no title. */
  label?: string;
  actions?: ReactNode;
  children: ReactNode;
  /** Content goes to the edges: tables and canvases. */
  flush?: boolean;
  className?: string;
  style?: CSSProperties;
  testId?: string;
}

export function Panel({ title, label, actions, children, flush = false, className, style, testId }: PanelProps) {
  const heading = useId();
  return (
    <section
      className={`${styles.panel} ${className ?? ""}`}
      style={style}
      aria-labelledby={title ? heading : undefined}
      aria-label={title ? undefined : label}
      data-testid={testId}
    >
      {(title || actions) && (
        <div className={styles.head}>
          {title && (
            <h2 id={heading} className={styles.title}>
              {title}
            </h2>
          )}
          <span className={styles.gap} />
          {actions}
        </div>
      )}
      <div className={`${styles.body} ${flush ? styles.flush : ""} ${title || actions ? "" : styles.bare}`}>
        {children}
      </div>
    </section>
  );
}
