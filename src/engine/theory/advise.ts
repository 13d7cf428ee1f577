/** Advice on the rank of an adapter for one matrix or a whole model. */
import { z } from "zod";
import {
  type AdviceDocument,
  type AdviceQuestion,
  adviceDocument,
  type MeasuredOrder,
  type ModuleAdvice,
  moduleAdvice,
} from "../../contract/domain/theory.ts";
import { type DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import { programVersion } from "../../contract/version.ts";
import type { Store } from "../store/types.ts";
import { ask, askNow } from "./ask.ts";
import { confirmAdvice } from "./confirm.ts";
import { type MeasuredRanks, measuredOrderOf } from "./measured-order.ts";
import { questionOf, type Reference, referencesOf } from "./reference.ts";
import { riskAtRank, totalOf } from "./total.ts";
import { validityOf } from "./validity.ts";
import { within } from "./verdict.ts";

const answered = moduleAdvice
  .omit({ module: true, shape: true, tau: true })
  .extend({ curve: z.object({ risk: z.array(z.number()), bias: z.array(z.number()), variance: z.array(z.number()) }) });

/** One module's advice with its whole curve. */
export interface Answered {
  reference: Reference;
  answer: z.infer<typeof answered>;
}

/** What the workspace can add to an advice; `undefined` where it has nothing to say. */
export interface AdviceEvidence {
  store(): Promise<Store>;
  /** Accuracies of several ranks on the base of a stored run. */
  measuredRanks?: (run: string) => Promise<MeasuredRanks | undefined>;
}

/** @throws DeltaScopeError `theory.invalid`, `run.not-found`, `analysis.no-modules`, `job.cancelled` */
export async function adviceOf(
  question: AdviceQuestion,
  { store, measuredRanks }: AdviceEvidence,
  signal?: AbortSignal,
): Promise<AdviceDocument> {
  const references = await referencesOf(question.source, store);
  const settled = await Promise.all(references.modules.map((reference) => answerOf(reference, question, signal)));
  const done = settled.flatMap((result) => ("answer" in result ? [result] : []));
  const failed = settled.flatMap((result) => ("error" in result ? [result] : []));
  if (done.length === 0 && failed[0]) throw failed[0].error;
  const modules = done.map((one) => moduleOf(one, references.rank));
  const measured = "run" in question.source ? await measuredRanks?.(question.source.run) : undefined;
  const order = measured ? measuredOrderOf(measured, (rank) => riskAtRank(done, rank)) : null;
  return adviceDocument.parse({
    schema: "deltascope.theory.advice/1",
    version: programVersion,
    question,
    total: firmness(totalOf(done, modules, references.rank), order),
    modules,
    skipped: [...references.skipped, ...failed.map(({ module, error }) => ({ module, reason: error.message }))],
    budget: question.budget === undefined ? null : budgetOf(done, question.n, question.budget),
    confirmation: question.confirm === 0 ? null : await confirmAdvice(done, question, signal),
    referenceRank: references.rank,
    measured: order,
    validity: validityOf(question, modules, references.rank),
  });
}

/** Measurements that say otherwise outweigh assumptions that agree with each other. */
function firmness(total: AdviceDocument["total"], order: MeasuredOrder | null): AdviceDocument["total"] {
  if (order?.verdict !== "disagree") return total;
  return { ...total, confidence: "low", why: `the measured order on ${order.task} disagrees, though ${total.why}` };
}

interface Unanswered {
  module: string;
  error: DeltaScopeError;
}

async function answerOf(
  reference: Reference,
  { n, rho }: AdviceQuestion,
  signal?: AbortSignal,
): Promise<Answered | Unanswered> {
  try {
    return { reference, answer: answered.parse(await ask("advice", questionOf(reference, n, rho), signal)) };
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    if (error.code === "job.cancelled") throw error;
    return { module: reference.module, error };
  }
}

function moduleOf({ reference, answer }: Answered, rank: number | null): ModuleAdvice {
  const { module, shape, tau } = reference;
  const { curve: _curve, ...rest } = answer;
  return { module, shape, tau, ...rest, advice: { ...rest.advice, verdict: within(rest.advice.verdict, rank) } };
}

const denoised = z.object({ values: z.array(z.number()) });
const allocation = z.object({ ranks: z.array(z.number().int()), used: z.number(), gain: z.number() });

function budgetOf(done: readonly Answered[], n: number, budget: number): AdviceDocument["budget"] {
  const matrices = done.map(({ reference, answer }) => {
    const [k, d] = reference.shape;
    const input = { singular_values: reference.singularValues, k, d, tau: reference.tau };
    return { s: denoised.parse(askNow("denoise", input)).values, k, d, n, sigma: answer.advice.sigma };
  });
  const { ranks, used, gain } = allocation.parse(askNow("budget", { matrices, budget }));
  return {
    ranks: Object.fromEntries(done.map(({ reference }, index) => [reference.module, ranks[index] ?? 0])),
    used,
    gain,
  };
}
