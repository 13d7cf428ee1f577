/** Two to five choices of which one holds; a radio group to the keyboard and to screen readers. */
import { type ReactNode, useId } from "react";
import styles from "./segmented.module.css";

export interface SegmentedProps<Value extends string> {
  /** Name of the group. */
  label: string;
  value: Value;
  options: readonly { value: Value; label: ReactNode; disabled?: boolean; title?: string }[];
  onChange: (value: Value) => void;
  small?: boolean;
}

export function Segmented<Value extends string>({ label, value, options, onChange, small }: SegmentedProps<Value>) {
  const name = useId();
  return (
    <fieldset className={`${styles.group} ${small ? styles.small : ""}`}>
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles.option} title={option.title}>
          <input
            type="radio"
            className={styles.input}
            name={name}
            value={option.value}
            checked={option.value === value}
            disabled={option.disabled}
            onChange={() => onChange(option.value)}
          />
          <span className={styles.text}>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
