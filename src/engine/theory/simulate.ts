/** Simulated means at many places, in the order of the question: each is an event as soon as it is known. */
import { z } from "zod";
import type { SimulationEvent, SimulationQuestion } from "../../contract/domain/theory.ts";
import { ask } from "./ask.ts";

const mean = z.object({ mean: z.number(), se: z.number(), sd: z.number() });
/** What the numeric crate answers; ranks are keys. */
export const simulatedMeans = z.object({ fft: mean, lora: z.record(z.string(), mean) });

/** @throws DeltaScopeError `theory.invalid` that names the field; `job.cancelled` */
export async function* simulationEvents(
  { points, ...asked }: SimulationQuestion,
  signal?: AbortSignal,
): AsyncGenerator<SimulationEvent, void> {
  for (const [index, point] of points.entries()) {
    const infinite = Math.abs(point.n - asked.d) <= 1;
    yield { type: "point", index, means: infinite ? null : await meansAt({ ...asked, ...point }, signal) };
  }
}

async function meansAt(
  input: Omit<SimulationQuestion, "points"> & SimulationQuestion["points"][number],
  signal?: AbortSignal,
): Promise<SimulationEvent["means"]> {
  const { fft, lora } = simulatedMeans.parse(await ask("simulate", input, signal));
  return { fft, lora: input.ranks.map((rank) => lora[String(rank)] ?? fft) };
}
