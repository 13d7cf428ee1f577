/** What happened in a run, as lines for people: steps, evaluations, checkpoints and what was measured of them. */
import type { GrowthPoint, TrainingHistory } from "../../../../src/contract/domain/training.ts";
import {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatLoss,
  formatSignificant,
} from "../../../../src/contract/format.ts";
import { totalOf } from "./growth.ts";
import { rateText } from "./words.ts";

export interface LogLine {
  /** Unix seconds. */
  at: number;
  text: string;
  tone?: "intruder" | "warn" | "bad";
}

/** More lines than these nobody scrolls through; the search looks at these too. */
const mostLines = 400;

/** In the order of time; the newest lines of a long run. */
export function runLog(history: TrainingHistory): LogLine[] {
  const { progress, evals, checkpoints, warnings, growth, run } = history;
  const lines: LogLine[] = [
    ...progress.slice(-mostLines).map((point) => ({ at: point.at, text: stepText(point) })),
    ...evals.map((point) => ({ at: point.at, text: evalText(point) })),
    ...checkpoints.flatMap(({ at, step, bytes }) => [
      { at, text: `step ${formatCount(step)} saved, ${formatBytes(bytes)}` },
      ...measuredLine(at, step, growth),
    ]),
    ...warnings.map(({ at, message }) => ({ at, text: message, tone: "warn" as const })),
    ...endLine(run),
  ];
  return lines.toSorted((one, other) => one.at - other.at).slice(-mostLines);
}

function stepText({ step, loss, lr, grad_norm }: TrainingHistory["progress"][number]): string {
  return `step ${formatCount(step)} loss ${formatLoss(loss)} rate ${rateText(lr)} norm ${formatSignificant(grad_norm)}`;
}

function evalText({ step, task, n, accuracy, loss }: TrainingHistory["evals"][number]): string {
  const measured = accuracy === null ? `loss ${formatLoss(loss)}` : formatAccuracy(accuracy);
  return `step ${formatCount(step)} ${task} ${measured}, n ${formatCount(n)}`;
}

/** A measurement has no time of its own: it stands after its checkpoint. */
function measuredLine(at: number, step: number, growth: readonly GrowthPoint[]): LogLine[] {
  const index = growth.findIndex((point) => point.step === step);
  const point = growth[index];
  if (!point) return [];
  const count = totalOf(point);
  const change = count - (growth[index - 1] ? totalOf(growth[index - 1] as GrowthPoint) : 0);
  const signed = change === 0 ? "" : ` (${change > 0 ? "+" : "\u2212"}${Math.abs(change)})`;
  const text = `step ${formatCount(step)} measured: ${formatCount(count)} intruders${signed}`;
  return [{ at, text, ...(count > 0 && { tone: "intruder" as const }) }];
}

function endLine({ state, finishedAt, error }: TrainingHistory["run"]): LogLine[] {
  if (finishedAt === null) return [];
  const text = error ? `${state}: ${error.message}` : state;
  return [{ at: Date.parse(finishedAt) / 1000, text, ...(error && { tone: "bad" as const }) }];
}
