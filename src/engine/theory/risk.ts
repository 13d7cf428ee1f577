/** Risk of one setting: closed forms, and a simulation beside them where asked. */
import { z } from "zod";
import { makeAlert } from "../../contract/alerts.ts";
import {
  type RiskDocument,
  type RiskQuestion,
  type RiskSimulation,
  riskDocument,
  type TheorySweep,
  theorySweep,
  type theorySweepQuestion,
} from "../../contract/domain/theory.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { programVersion } from "../../contract/version.ts";
import { ask, askNow } from "./ask.ts";

const simulated = z.object({
  fft: z.object({ mean: z.number(), se: z.number(), sd: z.number() }),
  lora: z.record(z.string(), z.object({ mean: z.number(), se: z.number(), sd: z.number() })),
});

/** Simulated ranks when all ranks were asked for: more would only repeat their neighbours. */
const simulatedRanks = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** @throws DeltaScopeError `theory.invalid` that names the field; `job.cancelled` */
export async function riskOf(question: RiskQuestion, signal?: AbortSignal): Promise<RiskDocument> {
  const { simulate, covariance, ...setting } = question;
  const answer = askNow("risk", { ...setting, delta: whitened(question) }) as Record<string, unknown>;
  const underCovariance = covariance !== undefined && question.n < question.d;
  const document = riskDocument.parse({
    schema: "deltascope.theory.risk/1",
    version: programVersion,
    question,
    ...answer,
    simulation: null,
    alerts: underCovariance
      ? [
          makeAlert(
            "theory.covariance",
            "With fewer samples than inputs a covariance has no closed form.",
            undefined,
            "info",
          ),
        ]
      : [],
  });
  const closed = underCovariance ? { ...document, fft: null, curve: [] } : document;
  if (simulate === 0) return closed;
  return { ...closed, simulation: await simulateRisk(question, document.q, signal) };
}

/** With n > d, Δ⋆Σ^{1/2} with isotropic inputs is the same problem (exact). */
function whitened({ delta, covariance, k, d }: RiskQuestion): RiskQuestion["delta"] {
  if (covariance === undefined) return delta;
  if (covariance.length !== d) {
    throw new DeltaScopeError("theory.invalid", `The covariance has ${covariance.length} eigenvalues for ${d} inputs.`);
  }
  const values = spectrumOf(delta, Math.min(k, d));
  return { kind: "given", values: values.map((value, index) => value * Math.sqrt(covariance[index] ?? 1)) };
}

function spectrumOf(delta: RiskQuestion["delta"], count: number): number[] {
  if (delta.kind === "given") return delta.values;
  if (delta.kind === "ba") {
    throw new DeltaScopeError(
      "theory.invalid",
      "A covariance needs a shift with a spectrum of its own, not a random one.",
    );
  }
  const { decay, scale } = delta;
  const value = (i: number): number => scale * (delta.kind === "exp" ? Math.exp(-decay * i) : (i + 1) ** -decay);
  return Array.from({ length: delta.count ?? count }, (_, index) => value(index));
}

async function simulateRisk(question: RiskQuestion, q: number, signal?: AbortSignal): Promise<RiskSimulation> {
  const { simulate: replicates, seed, k, d, n, sigma, delta, covariance } = question;
  const ranks = (question.ranks ?? simulatedRanks).filter((rank) => rank > 0 && rank <= q);
  const input = { k, d, n, sigma, delta, ranks, replicates, seed, covariance: covariance ?? [] };
  const { fft, lora } = simulated.parse(await ask("simulate", input, signal));
  const rows = Object.entries(lora).map(([rank, mean]) => ({ r: Number(rank), ...mean }));
  return { replicates, seed, fft, lora: rows.sort((one, other) => one.r - other.r) };
}

/** Closed forms along n or σ; points without a finite answer are null. */
export function sweepOf(question: z.infer<typeof theorySweepQuestion>): TheorySweep {
  return theorySweep.parse(askNow("sweep", question));
}
