/** One evaluation from places on disk to its document, as a stream of events that every shell consumes. */
import type { Alert } from "../../contract/alerts.ts";
import type { EvaluationEvent, ScoringPlan } from "../../contract/api.ts";
import type { Arm } from "../../contract/domain/edit.ts";
import type { EvaluationSettings, TaskSpec, VariantSpec } from "../../contract/domain/evaluation.ts";
import { DeltaScopeError, type ErrorDocument, toDeltaScopeError } from "../../contract/errors.ts";
import type { TaskResult } from "./answers.ts";
import { evaluationDocument } from "./document.ts";
import { type EvaluationQuestion, type EvaluationStep, evaluateVariant } from "./evaluate.ts";
import { planVariant } from "./plan.ts";
import type { EvaluationServices } from "./services.ts";
import { detectableDifference } from "./statistics/power.ts";
import { readTask } from "./tasks/read-task.ts";
import type { Task } from "./tasks/task.ts";

export interface EvaluationSpec {
  variant: VariantSpec;
  tasks: readonly TaskSpec[];
  settings: EvaluationSettings;
  threads: number;
}

/** Label of the one model; it stands in messages. */
const label = "model";

/**
 * A task that cannot be read is left out and told. The scoring process is ended with the stream.
 * @throws DeltaScopeError when no task can be read, and what scoring throws
 */
export async function* runEvaluation(
  spec: EvaluationSpec,
  services: EvaluationServices,
  signal?: AbortSignal,
): AsyncGenerator<EvaluationEvent, void> {
  const started = performance.now();
  refuseTwins(spec.tasks);
  const { tasks, failures } = await readTasks(spec);
  for (const failure of failures) yield { type: "run-failed", ...failure };
  const question: EvaluationQuestion = { ...spec, label, tasks };
  const alerts: Alert[] = [];
  try {
    yield { type: "plan", plan: await planOf(question, services, signal) };
    const steps = evaluateVariant(question, services, signal);
    let step = await steps.next();
    for (; !step.done; step = await steps.next()) {
      if (step.value.type === "alert") alerts.push(step.value.alert);
      yield eventOf(step.value, question);
    }
    const seconds = (performance.now() - started) / 1000;
    yield { type: "finished", document: evaluationDocument(question, step.value, { alerts, seconds }) };
  } finally {
    await services.scorers.drop();
  }
}

/** Rows of a document are named by their task. */
function refuseTwins(tasks: readonly TaskSpec[]): void {
  const names = tasks.map(({ name }) => name);
  const twin = names.find((name, place) => names.indexOf(name) !== place);
  if (twin !== undefined) throw new DeltaScopeError("request.invalid", `Two tasks are called "${twin}".`, twin);
}

interface ReadTasks {
  tasks: Task[];
  failures: { label: string; path: string; error: ErrorDocument }[];
}

async function readTasks({ tasks, settings }: EvaluationSpec): Promise<ReadTasks> {
  const read: ReadTasks = { tasks: [], failures: [] };
  let first: DeltaScopeError | undefined;
  for (const spec of tasks) {
    try {
      read.tasks.push(await readTask(spec, settings));
    } catch (thrown) {
      const error = toDeltaScopeError(thrown);
      first ??= error;
      read.failures.push({ label: spec.name, path: spec.file, error: error.toDocument() });
    }
  }
  if (first && read.tasks.length === 0) throw first;
  return read;
}

async function planOf(
  question: EvaluationQuestion,
  services: EvaluationServices,
  signal: AbortSignal | undefined,
): Promise<ScoringPlan> {
  const plan = await planVariant(question, services, signal);
  return { variants: 1, ...plan, detectable: question.tasks.map(detectableOf) };
}

function detectableOf({ kind, spec, items }: Task): ScoringPlan["detectable"][number] {
  const difference = kind === "choice" ? (detectableDifference(items.length) ?? null) : null;
  return { task: spec.name, items: items.length, difference };
}

function eventOf(step: EvaluationStep, { tasks, variant }: EvaluationQuestion): EvaluationEvent {
  if (step.type !== "scored") return step;
  const { result, stored } = step;
  const { arm, lambda } = variant.intervention ?? { arm: "scale" as Arm, lambda: 1 };
  const task = tasks.find(({ spec }) => spec.name === result.task);
  return { type: "scored", label, task: result.task, arm, lambda, value: figureOf(result, task), stored };
}

function figureOf(result: TaskResult, task: Task | undefined): number {
  if (!("metrics" in result)) return result.bits_per_byte;
  return task?.metric === "acc_norm" ? result.metrics.acc_norm : result.metrics.acc;
}
