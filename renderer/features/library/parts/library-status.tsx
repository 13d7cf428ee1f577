/** What the status bar says of the Library. */
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { formatCount, formatNumberOf } from "../../../../src/contract/format.ts";
import { CommandKeys } from "../../../widgets/command-keys.tsx";
import { Kbd } from "../../../widgets/kbd.tsx";
import { StatusSlot } from "../../../widgets/status-slot.tsx";
import styles from "../library-view.module.css";
import { attention } from "../model/item-state.ts";

export function LibraryStatus({ items, picked }: { items: readonly LibraryItem[]; picked: number }) {
  const { problems, look } = attention(items);
  return (
    <>
      <StatusSlot side="left">
        <span>
          <b>{formatNumberOf(items.length, "item")}</b>
          {picked > 0 && `, ${formatCount(picked)} selected`}
        </span>
        {problems > 0 && <span className={styles.bad}>{formatNumberOf(problems, "problem")}</span>}
        {look > 0 && <span className={styles.warn}>{formatCount(look)} to look at</span>}
      </StatusSlot>
      <StatusSlot side="right">
        <span className={styles.keys}>
          <CommandKeys of={["library.add"]} /> add folder · <Kbd keys="Space" /> select · <Kbd keys="Enter" /> open ·{" "}
          <Kbd keys="Del" /> remove from list
        </span>
      </StatusSlot>
    </>
  );
}
