/** One audit from a question to its document, as a stream of events that every shell consumes. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { AuditEvent } from "../../contract/api.ts";
import type { AuditSpec } from "../../contract/domain/audit.ts";
import type { ArmOutcome } from "../../contract/domain/edit.ts";
import { type DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import { formatThreshold } from "../../contract/format.ts";
import type { TaskResult } from "../evaluation/answers.ts";
import { assembleAudit, figureOf } from "./assemble.ts";
import { measuredRunsOf } from "./measured-runs.ts";
import { planOf } from "./plan.ts";
import { type AuditProgress, startProgress } from "./progress.ts";
import { type OpenedAudit, openAudit, questionOf } from "./question.ts";
import type { ScoredVariant } from "./scoring.ts";
import type { AuditServices } from "./services.ts";
import { type AuditVariant, baseVariant, isTrained, sweepLambdas, sweepVariants, trainedVariants } from "./variants.ts";

/** What is known so far. */
interface Audit {
  opened: OpenedAudit;
  services: AuditServices;
  signal: AbortSignal | undefined;
  progress: AuditProgress;
  scored: ScoredVariant[];
  /** Runs that cannot be scored at all. */
  ended: Set<number>;
  /** Runs without intruders: only arms that need none can be scored. */
  unscalable: Set<number>;
}

/**
 * The base first, then every run as trained, so that the table is there early, then the sweep. Whatever the store
 * answers is not computed again; a cancelled audit keeps every batch. One run or task that fails never ends the others.
 * @throws DeltaScopeError when the base cannot be scored or no task can be read, and `job.cancelled`
 */
export async function* runAudit(
  spec: AuditSpec,
  services: AuditServices,
  signal?: AbortSignal,
): AsyncGenerator<AuditEvent, void> {
  const startedAt = new Date();
  const opened = await openAudit(spec, services);
  const plan = await planOf(opened, services);
  yield { type: "plan", plan };
  for (const failure of opened.failures) yield { type: "run-failed", ...failure };
  for (const alert of opened.alerts) yield { type: "alert", alert };
  const audit: Audit = {
    opened,
    services,
    signal,
    progress: startProgress(plan.items),
    scored: [],
    ended: new Set(),
    unscalable: new Set(),
  };
  yield* scoreVariant(audit, baseVariant(spec));
  for (const variant of trainedVariants(spec)) yield* scoreVariant(audit, variant);
  yield* measureWeights(audit);
  for (const variant of sweepVariants(spec)) yield* scoreVariant(audit, variant);
  const material = { ...opened, scored: audit.scored, startedAt };
  const measuredRuns = await measuredRunsOf(opened, services);
  const stageWeights = spec.sequence ? await services.weights.stages(spec) : [];
  yield { type: "finished", document: await assembleAudit({ ...material, measuredRuns, stageWeights }, signal) };
}

async function* scoreVariant(audit: Audit, variant: AuditVariant): AsyncGenerator<AuditEvent, void> {
  const items = itemsOf(audit.opened);
  if (isHopeless(audit, variant)) return audit.progress.forgo(items);
  try {
    const results = yield* answersOf(audit, variant);
    audit.scored.push({ variant, results, weights: await weightsOf(audit, variant) });
    audit.progress.leave(items);
  } catch (thrown) {
    const error = toDeltaScopeError(audit.signal?.aborted ? audit.signal.reason : thrown);
    if (error.code === "job.cancelled" || variant.run === undefined) throw error;
    audit.progress.forgo(items);
    yield* failed(audit, variant, error);
  }
}

function isHopeless({ ended, unscalable }: Audit, { run, lambda, arm }: AuditVariant): boolean {
  if (run === undefined) return false;
  return ended.has(run) || (unscalable.has(run) && lambda !== 1 && arm !== "interpolate");
}

/** Scores stand by themselves: sizes that cannot be measured are left out. */
async function weightsOf({ services, signal }: Audit, variant: AuditVariant): Promise<ArmOutcome | undefined> {
  const outcome = await services.weights.outcome(variant, signal).catch(() => undefined);
  signal?.throwIfAborted();
  return outcome;
}

async function* answersOf(audit: Audit, variant: AuditVariant): AsyncGenerator<AuditEvent, Map<string, TaskResult>> {
  const { opened, services, progress, signal } = audit;
  const { label, arm, lambda } = variant;
  const results = new Map<string, TaskResult>();
  for await (const step of services.scoring.score(questionOf(opened, variant), signal)) {
    if (step.type === "progress") {
      yield { type: "progress", progress: progress.within(step.progress, nameOf(variant)) };
    } else if (step.type === "alert") {
      yield* raise(audit, step.alert, label);
    } else {
      results.set(step.result.task, step.result);
      const task = opened.tasks.find(({ spec }) => spec.name === step.result.task);
      const value = task === undefined ? 0 : figureOf(step.result, task);
      yield { type: "scored", label, task: step.result.task, arm, lambda, value, stored: step.stored };
    }
  }
  return results;
}

/** An alert that was raised before is not told again: variants of one run share most of them. */
function* raise({ opened }: Audit, alert: Alert, run: string): Generator<AuditEvent> {
  if (opened.alerts.some(({ code, message }) => code === alert.code && message === alert.message)) return;
  opened.alerts.push(alert);
  yield { type: "alert", alert, run };
}

/** A run that fails as trained is not asked again; one without intruders has no sweep; one point leaves the others. */
function* failed(audit: Audit, variant: AuditVariant, error: DeltaScopeError): Generator<AuditEvent> {
  const { label, path, run } = variant;
  if (run !== undefined && isTrained(variant)) audit.ended.add(run);
  if (run !== undefined && error.code === "edit.no-intruders") {
    audit.unscalable.add(run);
    yield* raise(audit, makeAlert("audit.nothing-to-scale", `${label}: ${error.message}`, path, "info"), label);
    return;
  }
  const document = error.toDocument();
  const failure = { label: nameOf(variant), path, error: document };
  // Points of one sweep mostly fail for one reason, which is said once.
  if (audit.opened.failures.some((told) => told.path === path && told.error.message === document.message)) return;
  audit.opened.failures.push(failure);
  yield { type: "run-failed", ...failure };
}

/** Analyses of the runs: the sweep chooses its vectors by them, and the confound table needs them. */
async function* measureWeights(audit: Audit): AsyncGenerator<AuditEvent, void> {
  const { opened, services, signal, ended } = audit;
  const { spec } = opened;
  if (!spec.sequence && sweepLambdas(spec).length === 0) return;
  const tuned = spec.tuned.filter((_, run) => !ended.has(run));
  if (tuned.length === 0) return;
  try {
    for await (const step of services.weights.measure({ ...spec, tuned }, signal)) {
      if (step.type === "progress") yield step;
      else yield* raise(audit, step.alert, "");
    }
  } catch (thrown) {
    const error = toDeltaScopeError(signal?.aborted ? signal.reason : thrown);
    if (error.code === "job.cancelled") throw error;
    yield* raise(audit, makeAlert("audit.weights-unmeasured", error.message, error.where), "");
  }
}

function itemsOf({ tasks }: OpenedAudit): number {
  return tasks.reduce((sum, { items }) => sum + items.length, 0);
}

/** "lora-r4", "lora-r4 λ 0.50 step". */
function nameOf({ label, lambda, arm }: AuditVariant): string {
  return lambda === 1 ? label : `${label} λ ${formatThreshold(lambda)} ${arm}`;
}
