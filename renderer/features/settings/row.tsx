/** One setting: its name, its control, what it means. */
import { type ReactNode, useId } from "react";
import styles from "./settings-view.module.css";

export interface RowProps {
  name: string;
  note?: ReactNode;
  /** The control; it gets the id of the name, to be labelled by it. */
  children: ReactNode | ((labelId: string) => ReactNode);
}

export function Row({ name, note, children }: RowProps) {
  const label = useId();
  return (
    <div className={styles.row}>
      <span className={styles.name} id={label}>
        {name}
      </span>
      <div className={styles.control}>
        {typeof children === "function" ? children(label) : children}
        {note && <span className={styles.note}>{note}</span>}
      </div>
    </div>
  );
}
