/** Simulation at the true shapes, beside the curve of an advice. */
import { z } from "zod";
import type { AdviceDocument, AdviceQuestion } from "../../contract/domain/theory.ts";
import type { Answered } from "./advise.ts";
import { ask } from "./ask.ts";
import { questionOf } from "./reference.ts";

/** Modules that are simulated for a whole model: those with the largest updates. */
const mostModules = 3;

const mean = z.object({ mean: z.number(), se: z.number(), sd: z.number() });
const confirmed = z.object({ fft: mean, lora: z.array(z.object({ r: z.number(), mean })), replicates: z.number() });

export async function confirmAdvice(
  done: readonly Answered[],
  { n, rho, confirm, seed }: AdviceQuestion,
  signal?: AbortSignal,
): Promise<AdviceDocument["confirmation"]> {
  const strongest = [...done].sort((one, other) => other.answer.advice.E - one.answer.advice.E).slice(0, mostModules);
  const rows: NonNullable<AdviceDocument["confirmation"]> = [];
  for (const { reference } of strongest) {
    const input = { question: questionOf(reference, n, rho), replicates: confirm, seed };
    const { fft, lora, replicates } = confirmed.parse(await ask("confirm", input, signal));
    const ranks = lora.map(({ r, mean: one }) => ({ r, ...one }));
    rows.push({ module: reference.module, replicates, seed, fft, lora: ranks });
  }
  return rows;
}
