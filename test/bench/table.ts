/** The rows of the table: what was asked, what was measured, and whether the goal is met. */
import {
  disagreements,
  extraRunShares,
  type Kind,
  leastOperations,
  peakBytes,
  perLayer,
  productSeconds,
  ratios,
  referencePerLayer,
} from "./derive.ts";
import type { Measured } from "./measure.ts";
import type { GemmPeak } from "./reference.ts";

export interface Row {
  readonly work: string;
  readonly goal: string;
  readonly measured: string;
  /** Undefined when it could not be measured. */
  readonly met: boolean | undefined;
}

const times = (value: number): string => `${value.toFixed(1)} ×`;
const seconds = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} s`;
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** Least ratios to the reference that engine and shape have to reach. */
const RATIO_GOALS = {
  "0.5B": { adapter: 12, full: 6 },
  "3B": { adapter: 20, full: 8 },
} as const;
const MEMORY_GOALS = { "0.5B": 600e6, "3B": 1.5e9 } as const;
const OPEN_MILLISECONDS = 100;
const OPEN_BYTES = 50e6;
const SECOND_RUN_SHARE = 0.4;
const REPEAT_SECONDS = 1;
const CANCEL_SECONDS = 1;
const BLOCKED_MILLISECONDS = 50;
/** "Linear" leaves room for timing noise: one more layer, or run, may cost a quarter more than the average one. */
const LINEAR_SLACK = 1.25;

export function openRow(found: Readonly<Record<string, number>>): Row {
  const { milliseconds = Number.NaN, bytes = Number.NaN, tensors = 0 } = found;
  return {
    work: `open a 3B checkpoint (${tensors} tensors)`,
    goal: `≤ ${OPEN_MILLISECONDS} ms, ≤ ${megabytes(OPEN_BYTES)}`,
    measured: `${Math.round(milliseconds)} ms, ${megabytes(bytes)}`,
    met: milliseconds <= OPEN_MILLISECONDS && bytes <= OPEN_BYTES,
  };
}

const works = { adapter: "adapter r = 16 on all linears", full: "full checkpoint, all ΔW values" } as const;

/** What the whole model would need, where not all of its layers were measured. */
function extrapolation(measured: Measured, kind: Kind): string {
  const { layers, wholeLayers } = measured.subject;
  const whole = perLayer(measured, kind)?.whole;
  const ratio = ratios(measured, kind)?.whole;
  if (layers === wholeLayers || whole === undefined) return "";
  return `; all ${wholeLayers} layers, extrapolated: ${seconds(whole)}${ratio === undefined ? "" : `, ${times(ratio)}`}`;
}

function ratioRow(measured: Measured, kind: Kind): Row {
  const { title, layers, wholeLayers } = measured.subject;
  const goal = RATIO_GOALS[title][kind];
  const ratio = ratios(measured, kind)?.measured;
  const product = seconds(productSeconds(measured, kind));
  const reference = (referencePerLayer(measured, kind) ?? Number.NaN) * layers;
  const found =
    ratio === undefined ? `${product}; no reference` : `${times(ratio)} (${product} against ${seconds(reference)})`;
  return {
    work: `${title}, ${works[kind]}, ${layers} of ${wholeLayers} layers`,
    goal: `≥ ${goal} × the reference`,
    measured: `${found}${extrapolation(measured, kind)}`,
    met: ratio === undefined ? undefined : ratio >= goal,
  };
}

function shareRow(measured: Measured, kind: Kind, peak: GemmPeak | undefined): Row {
  const rate = leastOperations(measured.subject, kind) / productSeconds(measured, kind);
  const { title } = measured.subject;
  return {
    work: `${title}, ${kind}: unavoidable operations a second`,
    goal: "–",
    measured: `${(rate / 1e9).toFixed(0)} GF/s${peak ? `, ${percent(rate / peak.float64)} of the f64 gemm peak` : ""}`,
    met: undefined,
  };
}

function runRows(measured: Measured): Row[] {
  const { title } = measured.subject;
  const { second, third } = extraRunShares(measured);
  return [
    {
      work: `${title}: a second adapter on the same base in one job`,
      goal: `≤ ${percent(SECOND_RUN_SHARE)} of the first`,
      measured: percent(second),
      met: second <= SECOND_RUN_SHARE,
    },
    {
      work: `${title}: a third adapter`,
      goal: "as the second",
      measured: percent(third),
      met: third <= LINEAR_SLACK * Math.max(second, 0.05),
    },
    {
      work: `${title}: the same question again`,
      goal: `≤ ${seconds(REPEAT_SECONDS)}`,
      measured: seconds(measured.repeatSeconds),
      met: measured.repeatSeconds <= REPEAT_SECONDS,
    },
  ];
}

function growthRow(measured: Measured, kind: Kind): Row | undefined {
  const found = perLayer(measured, kind);
  if (!found) return undefined;
  const average = productSeconds(measured, kind) / measured.subject.layers;
  return {
    work: `${measured.subject.title}, ${kind}: one more layer, against the average of all`,
    goal: `linear (≤ ${LINEAR_SLACK})`,
    measured: (found.layer / average).toFixed(2),
    met: found.layer <= LINEAR_SLACK * average,
  };
}

function processRows(measured: Measured): Row[] {
  const { title } = measured.subject;
  const goal = MEMORY_GOALS[title];
  const bytes = peakBytes(measured);
  const cancel = Math.max(...measured.cancelSeconds);
  return [
    {
      work: `${title}: peak memory beyond mapped files, one to three runs`,
      goal: `≤ ${megabytes(goal)}`,
      measured: bytes === undefined ? "not measured here" : megabytes(bytes),
      met: bytes === undefined ? undefined : bytes <= goal,
    },
    {
      work: `${title}: longest pause of the event loop`,
      goal: `≤ ${BLOCKED_MILLISECONDS} ms`,
      measured: `${Math.round(measured.blockedMilliseconds)} ms`,
      met: measured.blockedMilliseconds <= BLOCKED_MILLISECONDS,
    },
    {
      work: `${title}: Ctrl-C until the command has ended, worst of ${measured.cancelSeconds.length}`,
      goal: `≤ ${seconds(CANCEL_SECONDS)}`,
      measured: measured.cancelSeconds.length === 0 ? "ended before" : seconds(cancel),
      met: measured.cancelSeconds.length === 0 ? undefined : cancel <= CANCEL_SECONDS,
    },
  ];
}

function agreementRow(measured: Measured, kind: Kind): Row | undefined {
  const { compared, different } = disagreements(measured, kind);
  if (compared === 0) return undefined;
  return {
    work: `${measured.subject.title}, ${kind}: intruder decisions unlike the reference's`,
    goal: "0",
    measured: `${different} of ${compared}`,
    met: different === 0,
  };
}

/** All rows about one base. */
export function caseRows(measured: Measured, peak: GemmPeak | undefined): Row[] {
  const kinds = ["adapter", "full"] as const;
  const rows = [
    ...kinds.map((kind) => ratioRow(measured, kind)),
    ...runRows(measured),
    ...processRows(measured),
    ...kinds.map((kind) => growthRow(measured, kind)),
    ...kinds.map((kind) => agreementRow(measured, kind)),
    ...kinds.map((kind) => shareRow(measured, kind, peak)),
  ];
  return rows.filter((row) => row !== undefined);
}

/** The table in Markdown. */
export function renderRows(rows: readonly Row[]): string {
  const verdict = (met: boolean | undefined): string => (met === undefined ? "–" : met ? "yes" : "**no**");
  const lines = rows.map((row) => `| ${row.work} | ${row.goal} | ${row.measured} | ${verdict(row.met)} |`);
  return ["| work | goal | measured | met |", "| --- | --- | --- | --- |", ...lines].join("\n");
}
