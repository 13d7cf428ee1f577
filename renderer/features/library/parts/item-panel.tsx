/** The right panel: where an item comes from, what it was recognised as, whether it fits its base, its files. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { useEngine } from "../../../client/engine.ts";
import { runDetailsQuery } from "../../../client/queries.ts";
import { useHost } from "../../../host/host.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { FileText } from "../../../widgets/file-text.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { isTuned } from "../model/item-facts.ts";
import { type Remedy, stateOf } from "../model/item-state.ts";
import { recognisedAs } from "../model/recognised.ts";
import { FilesSection } from "./files-section.tsx";
import { FitSection, NotesSection } from "./fit-section.tsx";
import styles from "./item-panel.module.css";
import { Lineage } from "./lineage.tsx";

export interface ItemPanelProps {
  item: LibraryItem;
  items: readonly LibraryItem[];
  run: AppRun | undefined;
  onShow: (id: string) => void;
  onOpen: (item: LibraryItem) => void;
  onRemedy: (item: LibraryItem, remedy: Remedy) => void;
  /** Says that a full checkpoint is a base. */
  onUseAsBase: (item: LibraryItem) => void;
}

export function ItemPanel({ item, items, run, onShow, onOpen, onRemedy, onUseAsBase }: ItemPanelProps) {
  const host = useHost();
  const letter = item.kind === "base" ? "0" : item.letter;
  const title = (
    <span className={styles.title}>
      <RunBadge letter={letter} />
      <FileText text={item.label} limit={60} />
    </span>
  );
  return (
    <Panel title={title} className={styles.panel} testId="item-panel">
      <div className={styles.details}>
        <Lineage item={item} items={items} onShow={onShow} />
        {item.error && <Broken item={item} items={items} onRemedy={onRemedy} />}
        <Recognised item={item} />
        {isTuned(item) ? <Fits item={item} items={items} run={run} /> : <NotesSection item={item} />}
        <FilesSection item={item} />
      </div>
      <div className={styles.actions}>
        <Button variant="filled" disabled={!item.inspection} onClick={() => onOpen(item)}>
          Open in Compare
        </Button>
        {item.kind === "full" && (
          <Button variant="default" onClick={() => onUseAsBase(item)}>
            Use as base
          </Button>
        )}
        {host.reveal && (
          <Button variant="default" onClick={() => host.reveal?.(item.path)}>
            Show files
          </Button>
        )}
      </div>
    </Panel>
  );
}

function Broken({ item, items, onRemedy }: Pick<ItemPanelProps, "item" | "items" | "onRemedy">) {
  if (!item.error) return null;
  const { remedy } = stateOf(item, items);
  const rescan = (
    <Button size="xs" variant="filled" onClick={() => onRemedy(item, "rescan")}>
      Rescan
    </Button>
  );
  return (
    <div className={styles.section}>
      <ErrorCard error={item.error} actions={remedy === "rescan" ? rescan : undefined} testId="item-error" />
    </div>
  );
}

function Recognised({ item }: { item: LibraryItem }) {
  const facts = recognisedAs(item);
  if (facts.length === 0) return null;
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>Recognised as</h3>
      <dl className={styles.facts}>
        {facts.map(({ label, text, value, source }) => (
          <div key={label} className={styles.fact}>
            <dt>{label}</dt>
            <dd>
              <FileText text={text} />
              {value && <b>{value}</b>}
              {source && (
                <span className={styles.source}>
                  <FileText text={source} />
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Fits({ item, items, run }: Pick<ItemPanelProps, "item" | "items" | "run">) {
  const engine = useEngine();
  const details = useQuery({ ...runDetailsQuery(engine, run?.id ?? ""), enabled: run !== undefined });
  return <FitSection item={item} base={items.find(({ id }) => id === item.base)} details={details.data} />;
}
