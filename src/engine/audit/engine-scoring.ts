/** The scoring of an audit as the engine does it. */
import { type EvaluationQuestion, evaluateVariant, storedVariant } from "../evaluation/evaluate.ts";
import { planVariant } from "../evaluation/plan.ts";
import { evaluationId, identify } from "../evaluation/question.ts";
import type { EvaluationServices } from "../evaluation/services.ts";
import type { Scoring, ScoringQuestion } from "./scoring.ts";

export function engineScoring(services: EvaluationServices): Scoring {
  return {
    score: (question, signal) => evaluateVariant(asked(question), services, signal),
    stored: (question) => storedVariant(asked(question), services),
    async answered() {
      const known = new Set((await services.store.evaluations()).map(({ id }) => id));
      return async ({ variant, tasks, settings }) => {
        const { fingerprint } = await identify(variant.spec, services.models);
        const reference = await services.references.open(variant.spec.base, settings);
        return tasks.some((task) => known.has(evaluationId(fingerprint, task.fingerprint, reference.settings)));
      };
    },
    work: (question) => planVariant(asked(question), services),
  };
}

function asked({ variant, tasks, settings, threads }: ScoringQuestion): EvaluationQuestion {
  return { variant: variant.spec, label: variant.label, tasks, settings, threads };
}
