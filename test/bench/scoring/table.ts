/** The rows about scoring: speed and memory against transformers, and whether both say the same. */
import { median } from "../derive.ts";
import type { Row } from "../table.ts";
import type { ScoringMeasured, ScoringRun } from "./measure.ts";
import { plainTokens, type Workload } from "./workloads.ts";

const RATIO_GOAL = 1.5;
const MEMORY_SHARE_GOAL = 0.4;
const FIRST_SECONDS_GOAL = 5;
/** Nats per scored token: what float32 sums in another order may differ by. */
const DIFFERENCE_GOAL = 5e-5;

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

function secondsOf(runs: readonly ScoringRun[], name: string): number {
  return median(runs.map(({ workloads }) => workloads.find((one) => one.name === name)?.seconds ?? Number.NaN));
}

/** Speed on some of the workloads together. */
function speedRow({ product, reference }: ScoringMeasured, title: string, workloads: readonly Workload[]): Row {
  const tokens = workloads.reduce((sum, workload) => sum + plainTokens(workload), 0);
  const seconds = (runs: readonly ScoringRun[]): number =>
    workloads.reduce((sum, { name }) => sum + secondsOf(runs, name), 0);
  const [own, other] = [seconds(product), seconds(reference)];
  const rate = (time: number): string => `${(tokens / time).toFixed(0)} tokens/s`;
  const compared = reference.length > 0;
  return {
    work: `0.5B: ${title}`,
    goal: `≥ ${RATIO_GOAL} × transformers`,
    measured: compared
      ? `${(other / own).toFixed(1)} × (${rate(own)} against ${rate(other)})`
      : `${rate(own)}; no reference`,
    met: compared ? other / own >= RATIO_GOAL : undefined,
  };
}

function memoryRow({ product, reference }: ScoringMeasured): Row {
  const peak = (runs: readonly ScoringRun[]): number => Math.max(...runs.map((run) => run.peakBytes ?? Number.NaN));
  const [own, other] = [peak(product), peak(reference)];
  const share = own / other;
  const compared = reference.length > 0 && Number.isFinite(share);
  return {
    work: "0.5B: peak memory beyond mapped files, all processes",
    goal: `≤ ${100 * MEMORY_SHARE_GOAL} % of transformers'`,
    measured: compared
      ? `${Math.round(100 * share)} % (${megabytes(own)} against ${megabytes(other)})`
      : `${megabytes(own)}; no reference`,
    met: compared ? share <= MEMORY_SHARE_GOAL : undefined,
  };
}

function openRow({ product }: ScoringMeasured): Row {
  const seconds = median(product.map(({ openSeconds }) => openSeconds ?? Number.NaN));
  return {
    work: "0.5B: opening the model for scoring",
    goal: `≤ ${FIRST_SECONDS_GOAL} s`,
    measured: `${seconds.toFixed(2)} s`,
    met: seconds <= FIRST_SECONDS_GOAL,
  };
}

/** Largest difference of a request's log-likelihood, per token of it. */
function agreementRow({ workloads, product, reference }: ScoringMeasured): Row | undefined {
  if (reference.length === 0) return undefined;
  const differences = workloads.flatMap(({ name, requests }) => {
    const answers = (runs: readonly ScoringRun[]) =>
      runs[0]?.workloads.find((one) => one.name === name)?.loglikelihoods;
    const [own, other] = [answers(product), answers(reference)];
    return requests.map(
      ({ targets }, index) => Math.abs((own?.[index] ?? Number.NaN) - (other?.[index] ?? Number.NaN)) / targets.length,
    );
  });
  const worst = Math.max(...differences);
  return {
    work: "0.5B: largest difference of a log-likelihood, per token",
    goal: `≤ ${DIFFERENCE_GOAL} nats`,
    measured: `${worst.toExponential(1)} nats in ${differences.length} requests`,
    met: worst <= DIFFERENCE_GOAL,
  };
}

export function scoringRows(measured: ScoringMeasured): Row[] {
  const rows = [
    speedRow(measured, "all items", measured.workloads),
    ...measured.workloads.map((workload) => speedRow(measured, workload.title, [workload])),
    memoryRow(measured),
    openRow(measured),
    agreementRow(measured),
  ];
  return rows.filter((row) => row !== undefined);
}
