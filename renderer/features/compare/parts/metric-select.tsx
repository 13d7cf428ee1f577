/** The metric; for a difference also the two runs and what of them is compared. */
import { NativeSelect } from "@mantine/core";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { shortText } from "../../../../src/contract/text.ts";
import type { CompareModel } from "../compare-model.ts";
import { type MeasuredMetricId, metricOrder, metrics } from "../model/metrics.ts";
import { memoPart } from "../parts-memo.ts";
import { type CompareSearch, type MetricId, metricIds } from "../search.ts";
import styles from "./metric-select.module.css";

const read = ["search", "update", "runs", "difference"] as const;
type MetricModel = Pick<CompareModel, (typeof read)[number]>;

export const MetricSelect = memoPart(MetricSelectPart, read);

function MetricSelectPart({ compare }: { compare: MetricModel }) {
  const { search, update, runs, difference } = compare;
  const full = runs.some(({ kind }) => kind === "full");
  const choose = (id: MetricId) =>
    update({ metric: id === "relative" ? undefined : id, scale: undefined, domain: undefined });
  return (
    <>
      <NativeSelect
        classNames={{ input: styles.input }}
        className={styles.metric}
        aria-label="Metric"
        value={search.metric ?? "relative"}
        onChange={(event) => choose(metricIds.find((id) => id === event.currentTarget.value) ?? "relative")}
      >
        {metricOrder.map((id) => (
          <option key={id} value={id} disabled={id === "unchanged" && !full}>
            {metrics[id].label}
            {id === "unchanged" ? " (full runs)" : ""}
          </option>
        ))}
        <option value="difference" disabled={runs.length < 2}>
          Difference
        </option>
      </NativeSelect>
      {difference && <PairSelect compare={compare} />}
    </>
  );
}

function PairSelect({ compare: { update, runs, difference } }: { compare: MetricModel }) {
  if (!difference) return null;
  const { first, second, metric } = difference;
  const choose = (a: string, b: string) => update({ pair: `${a}..${b}`, scale: undefined, domain: undefined });
  return (
    <span className={styles.pair}>
      <RunSelect label="First run" runs={runs} value={first} not={second} onChange={(id) => choose(id, second.id)} />
      <span aria-hidden="true">−</span>
      <RunSelect label="Second run" runs={runs} value={second} not={first} onChange={(id) => choose(first.id, id)} />
      <NativeSelect
        classNames={{ input: styles.input }}
        aria-label="Quantity of the difference"
        value={metric.id}
        onChange={(event) => update({ of: ofValue(event.currentTarget.value), scale: undefined, domain: undefined })}
      >
        {metricOrder.map((id: MeasuredMetricId) => (
          <option key={id} value={id}>
            {metrics[id].label}
          </option>
        ))}
      </NativeSelect>
    </span>
  );
}

function ofValue(text: string): CompareSearch["of"] {
  return metricOrder.find((id) => id === text && id !== "relative");
}

interface RunSelectProps {
  label: string;
  runs: readonly AppRun[];
  value: AppRun;
  not: AppRun;
  onChange: (id: string) => void;
}

function RunSelect({ label, runs, value, not, onChange }: RunSelectProps) {
  return (
    <NativeSelect
      classNames={{ input: styles.input }}
      aria-label={label}
      value={value.id}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {runs.map((run) => (
        <option key={run.id} value={run.id} disabled={run === not}>
          {`${run.letter} ${shortText(run.label, 24)}`}
        </option>
      ))}
    </NativeSelect>
  );
}
