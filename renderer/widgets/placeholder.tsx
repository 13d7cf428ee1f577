/** A grey block of the final size while data is on its way; nothing for the first 100 ms. */
import styles from "./placeholder.module.css";

export interface PlaceholderProps {
  width?: number | string;
  height?: number | string;
}

export function Placeholder({ width = "100%", height = 16 }: PlaceholderProps) {
  return <span className={styles.block} style={{ width, height }} aria-hidden="true" data-testid="placeholder" />;
}
