/** The two kinds of rows: a base with what was tuned from it, and one tuned item. */
import { Checkbox } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle, IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { formatCount } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { Chip } from "../../../widgets/chip.tsx";
import { FileText } from "../../../widgets/file-text.tsx";
import { ProgressBar } from "../../../widgets/progress-bar.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import type { TableRow } from "../model/groups.ts";
import {
  dtypeText,
  isTuned,
  kindName,
  layersText,
  parametersText,
  rankAlphaText,
  sizeText,
} from "../model/item-facts.ts";
import { type ItemState, remedyNames, stateOf } from "../model/item-state.ts";
import styles from "./library-table.module.css";
import type { LibraryTableProps } from "./library-table.tsx";

type Shared = Omit<LibraryTableProps, "rows" | "cursor">;

interface Place {
  index: number;
  focusable: boolean;
  current: boolean;
}

type GroupRowProps = Shared & { row: Extract<TableRow, { type: "group" }>; place: Place };
type ItemRowProps = Shared & { item: LibraryItem; place: Place };

export function GroupRow({ row, place, onCursor, onToggle, ...rest }: GroupRowProps) {
  const { group, open } = row;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const toggle = (
    <button
      type="button"
      className={styles.toggle}
      tabIndex={-1}
      aria-label={`${open ? "Close" : "Open"} ${shortText(group.title, 40)}`}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(group);
      }}
    >
      <Chevron size={14} stroke={1.6} aria-hidden="true" />
    </button>
  );
  const common = {
    "aria-level": 1,
    "aria-expanded": open,
    "aria-rowindex": place.index,
    tabIndex: place.focusable ? 0 : -1,
    "data-testid": `row-${group.id}`,
  };
  if (!group.base) {
    return (
      <tr {...common} className={rowClass(styles.group, place)} onClick={() => onCursor(group.id)}>
        <td colSpan={9}>
          <span className={styles.lead}>
            {toggle}
            <b className={styles.warn}>{group.title}</b>
          </span>
        </td>
      </tr>
    );
  }
  const base = group.base;
  return (
    <tr
      {...common}
      className={rowClass(styles.group, place)}
      aria-selected={rest.picked.has(base.id)}
      onClick={() => onCursor(base.id)}
      onDoubleClick={() => rest.onOpen(base)}
    >
      <td>
        <span className={styles.lead}>
          {toggle}
          <RunBadge letter="0" />
          <b className={styles.label}>
            <FileText text={base.label} limit={60} />
          </b>
        </span>
      </td>
      <FactCells item={base} {...rest} />
      <td className={styles.number}>{`${formatCount(group.items.length)} tuned`}</td>
    </tr>
  );
}

export function ItemRow({ item, place, onCursor, onPick, onOpen, ...rest }: ItemRowProps) {
  return (
    <tr
      className={rowClass(rest.picked.has(item.id) ? styles.picked : undefined, place)}
      aria-level={2}
      aria-rowindex={place.index}
      aria-selected={rest.picked.has(item.id)}
      tabIndex={place.focusable ? 0 : -1}
      data-testid={`row-${item.id}`}
      onClick={() => onCursor(item.id)}
      onDoubleClick={() => onOpen(item)}
    >
      <td>
        <span className={styles.lead}>
          <span className={styles.pick}>
            {isTuned(item) && (
              <Checkbox
                size="xs"
                tabIndex={-1}
                aria-label={`Select ${shortText(item.label, 40)}`}
                checked={rest.picked.has(item.id)}
                onChange={() => onPick(item)}
                onClick={(event) => event.stopPropagation()}
              />
            )}
          </span>
          <RunBadge letter={item.letter} />
          <span className={styles.label}>
            <FileText text={item.label} limit={60} />
          </span>
        </span>
      </td>
      <FactCells item={item} {...rest} />
      <td className={styles.number}>
        <AnalysisCell item={item} {...rest} />
      </td>
    </tr>
  );
}

function rowClass(own: string | undefined, { current }: Place): string {
  return [own, current ? styles.current : undefined].filter(Boolean).join(" ");
}

type CellProps = Pick<Shared, "items" | "jobs" | "onRemedy"> & { item: LibraryItem };

function FactCells({ item, items }: CellProps) {
  const state = stateOf(item, items);
  return (
    <>
      <td>
        <Chip tone={item.kind === "base" ? "outline" : "plain"}>
          <FileText text={kindName(item)} limit={12} />
        </Chip>
      </td>
      <td className={styles.number}>{parametersText(item)}</td>
      <td className={styles.quiet}>
        <FileText text={dtypeText(item)} limit={10} />
      </td>
      <td className={`${styles.number} ${styles.quiet}`}>{layersText(item)}</td>
      <td className={styles.number}>{rankAlphaText(item)}</td>
      <td className={`${styles.number} ${styles.quiet}`}>{sizeText(item)}</td>
      <td className={styles.state}>
        <StateText state={state} />
      </td>
    </>
  );
}

const icons = { bad: IconAlertCircle, warn: IconAlertTriangle, ok: undefined, quiet: undefined };

function StateText({ state }: { state: ItemState }) {
  const Icon = icons[state.tone];
  return (
    <span className={`${styles.clamp} ${styles[state.tone]}`} title={shortText(state.text, 600)}>
      {Icon && <Icon size={13} stroke={1.5} aria-hidden="true" />}
      <FileText text={state.text} />
      {state.notes && <span className={styles.warn}> · {state.notes}</span>}
    </span>
  );
}

function AnalysisCell({ item, items, jobs, onRemedy }: CellProps): ReactNode {
  const { remedy } = stateOf(item, items);
  if (remedy) {
    return (
      <button
        type="button"
        className={styles.remedy}
        onClick={(event) => {
          event.stopPropagation();
          onRemedy(item, remedy);
        }}
      >
        {remedyNames[remedy]}
      </button>
    );
  }
  const { analysis } = item;
  if (!analysis || analysis.total === 0) return <span className={styles.quiet}>–</span>;
  if (analysis.modules >= analysis.total) return "analysed";
  const running = jobs.some((job) => job.state === "running" && job.analyses.includes(analysis.id));
  if (!running) return `${formatCount(analysis.modules)} of ${formatCount(analysis.total)}`;
  return (
    <ProgressBar
      label={`Analysis of ${shortText(item.label, 40)}`}
      done={analysis.modules}
      total={analysis.total}
      width={84}
    />
  );
}
