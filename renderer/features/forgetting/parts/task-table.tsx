/** Tasks × checkpoints: difference to the base with its interval, flips, and p. */
import { useMemo } from "react";
import type { AuditDocument, AuditSpec } from "../../../../src/contract/domain/audit.ts";
import {
  formatAccuracy,
  formatBitsChange,
  formatBitsPerByte,
  formatCount,
  formatPoints,
  formatPointsInterval,
  formatProbability,
  formatShare,
  formatThreshold,
} from "../../../../src/contract/format.ts";
import { IntervalMark } from "../../../charts/interval-mark.tsx";
import { baseMark, runMark } from "../../../charts/marks.tsx";
import { FileText } from "../../../widgets/file-text.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { Term } from "../../../widgets/term.tsx";
import styles from "../forgetting.module.css";
import { missingSpec } from "../model/question.ts";
import { type Cell, type Column, cellOf, macroMean, sharedDomain, type TaskLine, taskLines } from "../model/table.ts";
import type { ForgettingModel } from "../use-forgetting.ts";
import { useStartAudit } from "../use-start-audit.ts";

interface TaskTableProps {
  model: ForgettingModel;
  document: AuditDocument;
  spec: AuditSpec;
}

export function TaskTable({ model, document, spec }: TaskTableProps) {
  const { columns, jobs, failures } = model;
  const lines = useMemo(() => taskLines(document, spec), [document, spec]);
  const cells = useMemo(
    () => lines.map((line) => columns.map((column) => cellOf({ document, jobs, failures }, line, column))),
    [lines, columns, document, jobs, failures],
  );
  const domains = useMemo(() => domainsOf(lines, cells), [lines, cells]);
  return (
    <Panel label="Tasks and checkpoints" flush className={styles.tablePanel} testId="panel-tasks">
      <div className={styles.tableBody}>
        <div className={styles.scroll}>
          <table className={styles.tasks}>
            <Head columns={columns} />
            <tbody>
              {lines.map((line, index) => (
                <tr key={line.task} className={line.kind === "pooled" ? styles.pooled : undefined}>
                  <TaskName line={line} macro={line.kind === "pooled" ? macroMean(lines) : undefined} />
                  <BaseCell line={line} />
                  {columns.map((column, at) => (
                    <ValueCell
                      key={`${column.subject.id} ${column.lambda}`}
                      model={model}
                      line={line}
                      column={column}
                      cell={cells[index]?.[at]}
                      domain={line.kind === "new" ? domains.fresh : domains.old}
                    />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p className={styles.tableNote}>{noteOf(lines, document)}</p>
      </div>
    </Panel>
  );
}

/** Old tasks share an axis; the new one moves on another scale. */
function domainsOf(lines: readonly TaskLine[], cells: readonly (readonly Cell[])[]) {
  const of = (kinds: readonly TaskLine["kind"][]) =>
    sharedDomain(lines.flatMap((line, index) => (kinds.includes(line.kind) ? (cells[index] ?? []) : [])));
  return { old: of(["old", "pooled"]), fresh: of(["new"]) };
}

function noteOf(lines: readonly TaskLine[], { settings }: AuditDocument): string {
  const text = lines.some(({ kind }) => kind === "text") ? " Text in bits per byte: lower is better." : "";
  const sample =
    settings.limit === undefined ? "" : ` At most ${formatCount(settings.limit)} items a task, seed ${settings.seed}.`;
  return `Interval: 95 %, paired by item. p: exact McNemar, adjusted by Holm over all rows of this audit. Filled mark: p < 0.05. −/+: items lost and gained. Zero-shot log-likelihood.${text}${sample}`;
}

function Head({ columns }: { columns: readonly Column[] }) {
  return (
    <thead>
      <tr>
        <th scope="col">Task</th>
        <th scope="col" className={styles.number}>
          Base
        </th>
        {columns.map(({ subject, lambda }) => (
          <th key={`${subject.id} ${lambda}`} scope="col" data-testid={`column-${subject.letter ?? "x"}-${lambda}`}>
            <span className={styles.columnHead}>
              <RunBadge letter={subject.letter} />{" "}
              {lambda === 1 ? <FileText text={subject.label} limit={18} /> : `at λ ${formatThreshold(lambda)}`}
              <span className={styles.unit}>{lambda === 1 ? "· pp" : "· pp, not saved"}</span>
            </span>
          </th>
        ))}
      </tr>
    </thead>
  );
}

function TaskName({ line, macro }: { line: TaskLine; macro: number | undefined }) {
  const { kind, title, items } = line;
  const unit = kind === "text" ? "bits per byte, " : "";
  const hint =
    macro === undefined ? undefined : `Mean of the tasks, each counted the same: base ${formatAccuracy(macro)}`;
  return (
    <th scope="row" title={hint}>
      <b>
        {kind === "pooled" ? <Term name="retention">{title}</Term> : <FileText text={title} limit={28} />}
        {kind === "new" && <span className={styles.role}>new</span>}
      </b>
      <span className={styles.small}>{items === 0 ? `${unit}not measured` : `${unit}n ${formatCount(items)}`}</span>
    </th>
  );
}

function BaseCell({ line }: { line: TaskLine }) {
  const text = line.kind === "text" ? formatBitsPerByte(line.base) : formatAccuracy(line.base);
  return <td className={styles.number}>{text}</td>;
}

interface ValueCellProps {
  model: ForgettingModel;
  line: TaskLine;
  column: Column;
  cell: Cell | undefined;
  domain: readonly [number, number];
}

function ValueCell({ model, line, column, cell, domain }: ValueCellProps) {
  const id = `cell-${column.subject.letter ?? "x"}-${column.lambda}-${line.task || "pooled"}`;
  if (!cell || cell.state === "missing") {
    return (
      <td data-testid={id} data-state="missing">
        <MeasureLink model={model} column={column} line={line} />
      </td>
    );
  }
  if (cell.state === "waiting") {
    return (
      <td data-testid={id} data-state="waiting">
        <span className={styles.waiting} role="img" aria-label="waiting" />
      </td>
    );
  }
  if (cell.state === "failed") {
    return (
      <td data-testid={id} data-state="failed" title={cell.why}>
        <span className={styles.failed}>× failed</span>
      </td>
    );
  }
  return (
    <td data-testid={id} data-state="measured" title={hintOf(cell, line)}>
      {line.kind === "text" ? <TextCell cell={cell} /> : <ChoiceCell {...{ cell, line, column, domain }} />}
    </td>
  );
}

function ChoiceCell({
  cell,
  line,
  column,
  domain,
}: Pick<ValueCellProps, "line" | "column" | "domain"> & { cell: Cell }) {
  const { letter } = column.subject;
  const mark = letter === undefined ? baseMark : runMark(letter);
  const p = cell.p === undefined ? "" : ` · p ${formatProbability(cell.p)}`;
  return (
    <>
      <span className={styles.value}>
        <IntervalMark
          value={cell.difference}
          interval={cell.interval}
          domain={domain}
          colour={mark.colour}
          shape={letter === undefined ? "circle" : mark.shape}
          filled={cell.significant}
          strong={line.kind === "pooled"}
        />
        <span className={cell.significant ? styles.strong : styles.weak}>{formatPoints(cell.difference)}</span>
      </span>
      <span className={styles.small}>
        −{formatCount(cell.lost)} +{formatCount(cell.gained)}
        {p}
      </span>
    </>
  );
}

function TextCell({ cell }: { cell: Cell }) {
  const interval = cell.interval && `${formatBitsChange(cell.interval[0])}, ${formatBitsChange(cell.interval[1])}`;
  return (
    <>
      <span className={`${styles.value} ${styles.right}`}>
        <span className={cell.significant ? styles.strong : styles.weak}>{formatBitsChange(cell.difference)}</span>
      </span>
      <span className={`${styles.small} ${styles.right}`} title={cell.row?.note ?? undefined}>
        {interval ? `CI ${interval}` : "no interval"}
      </span>
    </>
  );
}

/** Everything of a cell in words. */
function hintOf(cell: Cell, line: TaskLine): string {
  const { row } = cell;
  if (line.kind === "text") return row?.note ?? `${formatBitsPerByte(cell.value)} bits per byte`;
  const parts = [
    formatAccuracy(cell.value),
    ...(cell.macro === undefined ? [] : [`mean of the tasks ${formatPoints(cell.macro)} pp`]),
    ...(cell.interval ? [`95 % interval ${formatPointsInterval(cell.interval)} pp`] : []),
    ...(row?.mcnemarP == null ? [] : [`p ${formatProbability(row.mcnemarP)} before Holm`]),
    ...(row?.chanceAdjusted == null
      ? []
      : [`${formatShare(row.chanceAdjusted)} of what the base had above chance lost`]),
    ...(row?.detectable == null ? [] : [`so many items can show ${formatPoints(row.detectable, 1).slice(1)} pp`]),
    ...(row?.note ? [row.note] : []),
  ];
  return parts.join(" · ");
}

function MeasureLink({ model, column, line }: { model: ForgettingModel; column: Column; line: TaskLine }) {
  const start = useStartAudit();
  const { question } = model;
  if (!question) return null;
  const { subject, lambda } = column;
  const name = `Measure ${line.title} of ${subject.label}${lambda === 1 ? "" : ` at λ ${formatThreshold(lambda)}`}`;
  const measure = () => start.mutate(missingSpec(question, subject, lambda, model.arms ?? ["scale", "step", "shrink"]));
  return (
    <button type="button" className={styles.link} onClick={measure} disabled={start.isPending} aria-label={name}>
      measure
    </button>
  );
}
