/** The scoring of an audit as the engine does it. */
import { isComplete, missingOf } from "../evaluation/answers.ts";
import { type EvaluationQuestion, evaluateVariant, openQuestion, storedVariant } from "../evaluation/evaluate.ts";
import type { Reference } from "../evaluation/reference.ts";
import { requestsOf } from "../evaluation/requests.ts";
import { planScoring, type ScoringPlan } from "../evaluation/scorer.ts";
import type { EvaluationServices } from "../evaluation/services.ts";
import type { Task } from "../evaluation/tasks/task.ts";
import type { Scoring, ScoringQuestion } from "./scoring.ts";
import type { Work } from "./services.ts";

/** Multiplications and additions per second of one thread, by what scoring reaches on plain desktop cores. */
const flopsPerThread = 1e11;
/** Opening a model and its process. */
const startSeconds = 0.5;

/** Plans of whole tasks: every model of an audit is asked the same, so each is tokenised once. */
type Plans = Map<string, Promise<ScoringPlan>>;

export function engineScoring(services: EvaluationServices): Scoring {
  const plans: Plans = new Map();
  return {
    score: (question, signal) => evaluateVariant(asked(question), services, signal),
    stored: (question) => storedVariant(asked(question), services),
    work: (question) => workOf(question, services, plans),
  };
}

function asked({ variant, tasks, settings, threads }: ScoringQuestion): EvaluationQuestion {
  return { variant: variant.spec, label: variant.label, tasks, settings, threads };
}

async function workOf(question: ScoringQuestion, services: EvaluationServices, plans: Plans): Promise<Work> {
  const { reference, answers } = await openQuestion(asked(question), services);
  const work: Work = { items: 0, stored: 0, tokens: 0, peakMemoryBytes: 0, estimatedSeconds: 0 };
  for (const each of answers) {
    const items = each.task.items.length;
    const missing = isComplete(each) ? 0 : missingOf(each).items.length;
    work.items += items;
    work.stored += items - missing;
    if (missing === 0) continue;
    const plan = await planOnce(each.task, question, reference, plans);
    work.tokens += Math.round((plan.tokens * missing) / items);
    work.peakMemoryBytes = Math.max(work.peakMemoryBytes, plan.peakMemoryBytes);
  }
  const { parameters } = await services.models.openFull(question.variant.spec.base);
  const seconds = (2 * parameters * work.tokens) / (flopsPerThread * question.threads);
  return { ...work, estimatedSeconds: work.tokens === 0 ? 0 : startSeconds + seconds };
}

function planOnce(
  task: Task,
  { variant, settings }: ScoringQuestion,
  reference: Reference,
  plans: Plans,
): Promise<ScoringPlan> {
  const key = JSON.stringify([variant.spec.base, task.fingerprint, task.indices.length, settings]);
  const found = plans.get(key) ?? planTask(task, variant.spec.base, reference);
  found.catch(() => plans.delete(key));
  plans.set(key, found);
  return found;
}

async function planTask(task: Task, base: string, { vocabulary, settings }: Reference): Promise<ScoringPlan> {
  const { requests } = await requestsOf(task, vocabulary, settings);
  return planScoring(base, requests, { vocabRows: settings.vocabRows });
}
