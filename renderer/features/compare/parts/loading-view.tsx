/** The frame of the view while its first rows are on the way: grey blocks of their final size. */
import { Placeholder } from "../../../widgets/placeholder.tsx";
import view from "../compare-view.module.css";
import styles from "./loading-view.module.css";

export function LoadingView() {
  return (
    <div className={view.view} aria-busy="true" data-testid="loading">
      <div className={view.left}>
        <Placeholder height={92} />
        <span className={styles.tools}>
          <Placeholder height={28} width={180} />
          <Placeholder height={28} width={140} />
          <Placeholder height={26} width={160} />
        </span>
        {[0, 1, 2].map((track) => (
          <span key={track} className={styles.track}>
            <Placeholder height={16} width={220} />
            <Placeholder height={130} />
          </span>
        ))}
      </div>
      <div className={styles.dock}>
        <Placeholder height={20} width={160} />
        <Placeholder height={220} />
        <Placeholder height={132} />
      </div>
    </div>
  );
}
