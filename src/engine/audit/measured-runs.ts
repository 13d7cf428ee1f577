/** Every run of the workspace whose forgetting and weights are both known. */
import type { AuditSpec } from "../../contract/domain/audit.ts";
import type { TaskResult } from "../evaluation/answers.ts";
import { countFlips, pairAnswers } from "../evaluation/statistics/flips.ts";
import type { Task } from "../evaluation/tasks/task.ts";
import { metricOf } from "./compare-choices.ts";
import type { MeasuredRun } from "./confounds.ts";
import { type OpenedAudit, questionOf } from "./question.ts";
import { isChoiceResult } from "./scoring.ts";
import type { AuditServices } from "./services.ts";
import { baseVariant, trainedArm } from "./variants.ts";

export async function measuredRunsOf(opened: OpenedAudit, { scoring, weights }: AuditServices): Promise<MeasuredRun[]> {
  const tasks = opened.tasks.filter(({ kind, spec }) => kind === "choice" && spec.role === "retain");
  if (tasks.length === 0) return [];
  const asked = { ...opened, tasks };
  const base = await scoring.stored(questionOf(asked, baseVariant(opened.spec)));
  return weights.measuredRuns(opened.spec, async (path) => {
    const question = questionOf(asked, variantAt(opened.spec, path));
    return pooledForgetting(tasks, base, await scoring.stored(question).catch(() => []));
  });
}

function variantAt({ base }: AuditSpec, path: string) {
  return { run: 0, label: path, path, arm: trainedArm, lambda: 1, spec: { base, tuned: path } };
}

/** Share of all old items lost on balance; undefined unless every task is answered on both sides. */
function pooledForgetting(
  tasks: readonly Task[],
  base: readonly TaskResult[],
  tuned: readonly TaskResult[],
): number | undefined {
  let lost = 0;
  let items = 0;
  for (const task of tasks) {
    const [before, after] = [base, tuned].map((results) => results.find((result) => result.task === task.spec.name));
    if (task.kind !== "choice" || !before || !after || !isChoiceResult(before) || !isChoiceResult(after))
      return undefined;
    const pairs = pairAnswers(before.perItem, after.perItem);
    const flips = countFlips(pairs, metricOf(task));
    lost += flips.lost.length - flips.gained.length;
    items += pairs.length;
  }
  return items === 0 ? undefined : lost / items;
}
