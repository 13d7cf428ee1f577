/** What a finished run of a sweep is worth: its scores, its intruders, its ranks, its loss on held-out rows. */
import { basename, join } from "node:path";
import type { GrowthPoint, RunConfig, SweepSpec } from "../../../contract/domain/training.ts";
import { numberedLabels } from "../../../contract/numbered-labels.ts";
import { readEvents } from "../runs/events-file.ts";
import { createHistory } from "../runs/history.ts";
import type { CellResult } from "./folder.ts";

export interface MeasureServices {
  /** @throws DeltaScopeError the reason why a file of items cannot be scored */
  readTasks(files: readonly string[]): Promise<void>;
  /** Accuracy on each file of items, in their order. */
  score(model: { base: string; tuned: string }, files: readonly string[], signal: AbortSignal): Promise<number[]>;
  /** Measures every module and keeps it in the workspace. */
  analyse(
    run: { base: string; tuned: string; label: string },
    signal: AbortSignal,
  ): Promise<Pick<GrowthPoint, "intruders" | "effectiveRank">>;
}

/** @throws DeltaScopeError what scoring and measuring throw, `job.cancelled` */
export async function measureCell(
  { folder, config, spec }: { folder: string; config: RunConfig; spec: SweepSpec },
  services: MeasureServices,
  signal: AbortSignal,
): Promise<CellResult> {
  const run = await readRun(folder);
  const tuned = run.output ?? join(folder, "final");
  const tasks = tasksOf(spec, config);
  const model = { base: config.base.path, tuned };
  const { intruders, effectiveRank } = await services.analyse({ ...model, label: config.name }, signal);
  const files = tasks.map(({ file }) => file);
  // Files of one name in two folders are two tasks.
  const names = numberedLabels(files.map((file) => basename(file)));
  const scores = files.length === 0 ? [] : await services.score(model, files, signal);
  const meanOf = (role: "new" | "retain"): number | null =>
    mean(scores.filter((_, index) => tasks[index]?.role === role));
  return {
    accuracy: meanOf("new"),
    oldTasks: meanOf("retain"),
    intruders: Object.values(intruders).reduce((sum, count) => sum + count, 0),
    effectiveRank: effectiveRank.median,
    validationLoss: run.validationLoss,
    rows: run.rows,
    tasks: Object.fromEntries(names.map((name, index) => [name, scores[index] ?? 0])),
    deleted: false,
  };
}

/** The tasks that a sweep names; where it names none, those of its recipe as new ones. */
function tasksOf(spec: SweepSpec, config: RunConfig): SweepSpec["tasks"] {
  if (spec.tasks.length > 0) return spec.tasks;
  return config.eval.tasks.map((file) => ({ file, role: "new" as const }));
}

/** Every file of items that some of the runs are scored on. */
export function taskFiles(spec: SweepSpec, cells: readonly { config: RunConfig }[]): string[] {
  return [...new Set(cells.flatMap(({ config }) => tasksOf(spec, config).map(({ file }) => file)))];
}

async function readRun(folder: string) {
  const history = createHistory(folder);
  let rows: number | null = null;
  let output: string | undefined;
  for await (const event of readEvents(folder)) {
    const { outputs } = history.take(event);
    output = outputs?.[0]?.path ?? output;
    if (event.type === "plan") rows = event.rows;
  }
  return { rows, output, validationLoss: history.validationLoss() };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
