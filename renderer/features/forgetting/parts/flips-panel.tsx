/** Items that turned: task, pair, lost or gained, and the list. */
import { Button, Menu, Select } from "@mantine/core";
import { IconArrowRight, IconChevronDown } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { Flip } from "../../../../src/contract/domain/audit.ts";
import { formatCount, formatNumberOf, formatSignificant, formatThreshold } from "../../../../src/contract/format.ts";
import { shortText, visibleText } from "../../../../src/contract/text.ts";
import { Chip } from "../../../widgets/chip.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import { Term } from "../../../widgets/term.tsx";
import styles from "../forgetting.module.css";
import { choiceLetter } from "../model/flips.ts";
import { type Pair, pairText } from "../model/question.ts";
import { isOf } from "../model/table.ts";
import table from "../small-table.module.css";
import type { FlipList } from "../use-flips.ts";
import type { ForgettingModel } from "../use-forgetting.ts";

interface FlipsPanelProps {
  model: ForgettingModel;
  list: FlipList;
}

/** Rows drawn at first; more are one click away. */
const pageRows = 200;

export function FlipsPanel({ model, list }: FlipsPanelProps) {
  const { flips, kind, back } = list;
  return (
    <Panel
      title={<Term name="flip">Flips</Term>}
      flush
      className={styles.flips}
      testId="panel-flips"
      actions={
        <>
          <TaskSelect model={model} list={list} />
          <PairMenu model={model} list={list} />
          <Segmented
            small
            label="Flips"
            value={kind}
            options={[
              { value: "lost", label: `Lost ${formatCount(flips.lost.length)}` },
              { value: "gained", label: `Gained ${formatCount(flips.gained.length)}` },
            ]}
            onChange={list.turn}
          />
          {back !== undefined && model.lambda !== undefined && (
            <Chip tone="outline">
              {formatCount(back)} {back === 1 ? "comes" : "come"} back at λ {formatThreshold(model.lambda)}
            </Chip>
          )}
        </>
      }
    >
      <FlipTable key={`${list.task} ${list.kind} ${list.pair ? pairText(list.pair) : ""}`} model={model} list={list} />
    </Panel>
  );
}

function TaskSelect({ model, list }: FlipsPanelProps) {
  return (
    <Select
      size="xs"
      aria-label="Task"
      className={styles.taskSelect}
      data={list.tasks.map((value) => ({ value, label: visibleText(value) }))}
      value={list.task ?? null}
      allowDeselect={false}
      onChange={(task) => task !== null && model.change({ task, item: undefined })}
    />
  );
}

/** Every column of the table can stand against the base. */
function PairMenu({ model, list }: FlipsPanelProps) {
  const { pair } = list;
  if (!pair) return null;
  return (
    <Menu position="bottom-start" width={240}>
      <Menu.Target>
        <Button size="xs" title={`Base against ${pairName(pair)}`}>
          <span className="visually-hidden">Pair: </span>
          <RunBadge letter="0" />
          <IconArrowRight size={12} stroke={1.4} aria-hidden="true" />
          <RunBadge letter={pair.subject.letter} />
          {pair.lambda !== 1 && <span className={styles.pairLambda}>λ {formatThreshold(pair.lambda)}</span>}
          <IconChevronDown size={12} stroke={1.4} aria-hidden="true" />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {model.columns
          .filter(({ subject }) => subject.run !== undefined)
          .map((column) => (
            <Menu.Item
              key={pairText(column)}
              leftSection={<RunBadge letter={column.subject.letter} />}
              onClick={() => model.change({ pair: pairText(column), item: undefined })}
            >
              {pairName(column)}
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function pairName({ subject, lambda }: Pair): string {
  const name = shortText(subject.label, 28);
  return lambda === 1 ? name : `${name} at λ ${formatThreshold(lambda)}`;
}

function FlipTable({ model, list }: FlipsPanelProps) {
  const { listed, open, kind } = list;
  const [rows, setRows] = useState(pageRows);
  const at = open ? listed.indexOf(open) : 0;
  const shown = listed.slice(0, Math.max(rows, at + 1));
  if (listed.length === 0) return <p className={styles.emptyNote}>{emptyWords(model, list)}</p>;
  return (
    <div className={styles.scroll}>
      <table className={table.plain}>
        <caption className="visually-hidden">
          {kind === "lost" ? "Items lost" : "Items gained"}, the largest change first
        </caption>
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">Right answer</th>
            <th scope="col">Flip</th>
            <th scope="col" className={table.number} title="Change of the right answer's log-likelihood, in nats">
              Right answer, nats
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((flip) => (
            <FlipRow
              key={flip.index}
              flip={flip}
              open={flip === open}
              onOpen={() => model.change({ item: flip.index }, true)}
            />
          ))}
        </tbody>
      </table>
      {shown.length < listed.length && (
        <Button size="xs" variant="subtle" onClick={() => setRows(rows + pageRows)}>
          Show {formatNumberOf(Math.min(pageRows, listed.length - shown.length), "more item")}
        </Button>
      )}
    </div>
  );
}

function emptyWords({ document }: ForgettingModel, { task, kind, pair }: FlipList): string {
  if (task === undefined || !pair) return "Nothing with choices is measured yet.";
  const measured = document?.rows.some((row) => row.task === task && isOf(row, pair)) ?? false;
  const name = shortText(task, 40);
  return measured
    ? `${pairName(pair)} ${kind} no item of ${name}.`
    : `${pairName(pair)} is not measured on ${name} yet.`;
}

function FlipRow({ flip, open, onOpen }: { flip: Flip; open: boolean; onOpen: () => void }) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  const { index, task, from, to, kind, goldChange, nearTie } = flip;
  return (
    <tr
      ref={row}
      className={open ? table.picked : table.clickable}
      data-testid={`row-flip-${index}`}
      aria-selected={open}
      onClick={onOpen}
    >
      <td>
        <button type="button" className={styles.rowButton} onClick={onOpen}>
          <span className="mono">
            {shortText(task, 40)}/{index}
          </span>
        </button>
      </td>
      <td>{choiceLetter(kind === "lost" ? from : to)}</td>
      <td>
        {choiceLetter(from)} → {choiceLetter(to)}
        {nearTie && (
          <span className={styles.tie} title="The two best answers lie within 0.001 nats in both models">
            near tie
          </span>
        )}
      </td>
      <td className={table.number}>
        {goldChange > 0 ? `+${formatSignificant(goldChange)}` : formatSignificant(goldChange)}
      </td>
    </tr>
  );
}
