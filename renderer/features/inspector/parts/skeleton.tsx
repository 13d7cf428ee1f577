/** The frame of the view in its final sizes while data is on its way. */
import { Placeholder } from "../../../widgets/placeholder.tsx";
import styles from "../inspector.module.css";

export function Skeleton() {
  return (
    <div className={styles.layout} aria-hidden="true">
      <div className={styles.left}>
        <Placeholder height={46} />
        <div className={styles.pair}>
          <Placeholder height={240} />
          <Placeholder height={240} />
        </div>
        <Placeholder height={268} />
        <Placeholder height={170} />
      </div>
      <div className={styles.right}>
        <Placeholder height={330} />
        <Placeholder height={400} />
      </div>
    </div>
  );
}
