/** One key or chord: "Ctrl K" is drawn as one cap, an array as one cap each. */
import styles from "./kbd.module.css";

export function Kbd({ keys }: { keys: string | readonly string[] }) {
  const caps = typeof keys === "string" ? [keys] : keys;
  return (
    <span className={styles.keys}>
      {caps.map((cap) => (
        <kbd key={cap} className={styles.key}>
          {cap}
        </kbd>
      ))}
    </span>
  );
}
