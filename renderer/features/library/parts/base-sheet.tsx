/** "Find base": the bases of this workspace with how well they fit, or another folder. */
import { Button, Modal } from "@mantine/core";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { formatCount } from "../../../../src/contract/format.ts";
import { parseHubId } from "../../../../src/contract/hub-id.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { fitOf } from "../model/fit.ts";
import styles from "./base-sheet.module.css";

export interface BaseSheetProps {
  item: LibraryItem | undefined;
  items: readonly LibraryItem[];
  onClose: () => void;
  onPair: (item: LibraryItem, base: LibraryItem) => void;
  onChooseFolder: () => void;
  /** Called with the Hub address that the item's configuration names. */
  onLook: (address: string) => void;
}

export function BaseSheet({ item, items, onClose, onPair, onChooseFolder, onLook }: BaseSheetProps) {
  const title = item && `Base of ${shortText(item.label, 50)}`;
  return (
    <Modal opened={item !== undefined} onClose={onClose} title={title} size={520} centered>
      {item && (
        <div className={styles.sheet}>
          <Named item={item} onLook={onLook} />
          <BaseList item={item} items={items} onPair={onPair} />
          <div className={styles.actions}>
            <Button variant="default" onClick={onChooseFolder}>
              Choose another folder
            </Button>
          </div>
        </div>
      )}
    </Modal>
  );
}

function Named({ item, onLook }: Pick<BaseSheetProps, "onLook"> & { item: LibraryItem }) {
  const named = item.inspection?.adapter?.baseModel;
  if (!named) return <p>The configuration does not name its base.</p>;
  return (
    <p>
      The configuration names <FileText text={named} mono />.{" "}
      {parseHubId(named) && (
        <Button size="xs" variant="default" onClick={() => onLook(`hf://${named.replace(/^hf:\/\//, "")}`)}>
          Look for it on the Hub
        </Button>
      )}
    </p>
  );
}

function BaseList({ item, items, onPair }: Pick<BaseSheetProps, "items" | "onPair"> & { item: LibraryItem }) {
  const bases = items.filter((other) => other.kind === "base");
  if (bases.length === 0) return <p className={styles.quiet}>This workspace has no base yet.</p>;
  return (
    <ul className={styles.bases}>
      {bases.map((base) => (
        <li key={base.id} className={styles.base}>
          <RunBadge letter="0" />
          <span className={styles.name}>
            <FileText text={base.label} limit={50} />
          </span>
          <span className={styles.quiet}>{verdict(item, base)}</span>
          <Button size="xs" variant="default" onClick={() => onPair(item, base)}>
            Pair with {shortText(base.label, 30)}
          </Button>
        </li>
      ))}
    </ul>
  );
}

function verdict(item: LibraryItem, base: LibraryItem): string {
  const fit = fitOf(item, base);
  if (!fit || fit.total === 0) return "not known";
  return fit.found === fit.total ? "fits" : `${formatCount(fit.found)} of ${formatCount(fit.total)} modules fit`;
}
