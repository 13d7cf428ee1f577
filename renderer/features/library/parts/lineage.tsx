/** Base → item, or a base with what was tuned from it; each box leads to its item. */
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { formatNumberOf } from "../../../../src/contract/format.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { isTuned, kindName } from "../model/item-facts.ts";
import styles from "./item-panel.module.css";

export interface LineageProps {
  item: LibraryItem;
  items: readonly LibraryItem[];
  onShow: (id: string) => void;
}

/** More boxes than these say nothing that the table does not say better. */
const shownTuned = 4;

export function Lineage({ item, items, onShow }: LineageProps) {
  if (item.kind === "unknown") return null;
  const base = item.kind === "base" ? item : items.find(({ id }) => id === item.base);
  const tuned = isTuned(item) ? [item] : items.filter((other) => other.base === item.id);
  const others = tuned.length - shownTuned;
  return (
    <ol className={styles.lineage} aria-label="Lineage">
      <li>
        {base ? (
          <Box item={base} detail="base" current={base.id === item.id} onShow={onShow} />
        ) : (
          <span className={`${styles.box} ${styles.absent}`}>
            <RunBadge letter={null} />
            <FileText text={item.inspection?.adapter?.baseModel ?? "Its base"} limit={34} />
            <span className={styles.detail}>not here</span>
          </span>
        )}
      </li>
      {tuned.slice(0, shownTuned).map((other) => {
        const current = other.id === item.id;
        const detail = current ? `${kindName(other)}, this item` : kindName(other);
        return (
          <li key={other.id} className={styles.child}>
            <Box item={other} detail={detail} current={current} onShow={onShow} />
          </li>
        );
      })}
      {others > 0 && <li className={styles.more}>and {formatNumberOf(others, "other")}</li>}
    </ol>
  );
}

interface BoxProps {
  item: LibraryItem;
  detail: string;
  current: boolean;
  onShow: (id: string) => void;
}

function Box({ item, detail, current, onShow }: BoxProps) {
  return (
    <button
      type="button"
      className={`${styles.box} ${current ? styles.here : ""}`}
      aria-current={current || undefined}
      onClick={() => onShow(item.id)}
    >
      <RunBadge letter={item.kind === "base" ? "0" : item.letter} />
      <span className={styles.name}>
        <FileText text={item.label} limit={34} />
      </span>
      <span className={styles.detail}>
        <FileText text={detail} limit={24} />
      </span>
    </button>
  );
}
