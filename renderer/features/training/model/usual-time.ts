/** How long a run takes, from finished runs of the same base. */
import type { RunConfig, TrainingRun } from "../../../../src/contract/domain/training.ts";
import { median } from "../../../../src/contract/statistics.ts";

/** Median seconds; undefined where no run of this base has finished. */
export function usualSeconds(
  runs: readonly TrainingRun[],
  asked: RunConfig,
  isLike: (run: TrainingRun) => boolean = () => true,
): number | undefined {
  const seconds = runs.flatMap((run) => {
    const { config, state, startedAt, finishedAt } = run;
    const comparable = state === "finished" && config.base.path === asked.base.path && isLike(run);
    if (!comparable || startedAt === null || finishedAt === null) return [];
    return [(Date.parse(finishedAt) - Date.parse(startedAt)) / 1000];
  });
  return median(seconds);
}

/** Runs whose time says something of one run: the same method over as many rows and rounds. */
export function hasSameLength({ method, epochs, max_steps: steps, data, batch }: RunConfig) {
  return ({ config }: TrainingRun): boolean =>
    config.method === method &&
    config.epochs === epochs &&
    config.max_steps === steps &&
    config.data.subset === data.subset &&
    config.batch.effective === batch.effective;
}
