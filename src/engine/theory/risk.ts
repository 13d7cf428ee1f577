/** Risk of one setting: closed forms, and a simulation beside them where asked. */
import { z } from "zod";
import { makeAlert } from "../../contract/alerts.ts";
import {
  type MeasuredOrder,
  type measuredOrderQuestion,
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
import { ask } from "./ask.ts";
import { type MeasuredRanks, measuredOrderOf } from "./measured-order.ts";
import { simulatedMeans } from "./simulate.ts";

/** Simulated ranks when all ranks were asked for: more would only repeat their neighbours. */
const simulatedRanks = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

const guaranteed = z.array(z.object({ r: z.number(), mean: z.number(), se: z.number() }));

/** @throws DeltaScopeError `theory.invalid` that names the field; `job.cancelled` */
export async function riskOf(question: RiskQuestion, signal?: AbortSignal): Promise<RiskDocument> {
  const { simulate, covariance, ...setting } = question;
  // On the pool: hundreds of ranks take longer than the event loop may wait.
  const answer = (await ask("risk", { ...setting, delta: whitened(question) }, signal)) as Record<string, unknown>;
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

function spectrumOf(delta: RiskQuestion["delta"], most: number): number[] {
  if (delta.kind === "given") return delta.values;
  if (delta.kind === "ba") {
    throw new DeltaScopeError(
      "theory.invalid",
      "A covariance needs a shift with a spectrum of its own, not a random one.",
    );
  }
  const { decay, scale, count = most } = delta;
  if (count > most) {
    throw new DeltaScopeError("theory.invalid", `The spectrum has ${count} values, 1 to ${most} are possible.`);
  }
  const value = (i: number): number => scale * (delta.kind === "exp" ? Math.exp(-decay * i) : (i + 1) ** -decay);
  return Array.from({ length: count }, (_, index) => value(index));
}

async function simulateRisk(question: RiskQuestion, q: number, signal?: AbortSignal): Promise<RiskSimulation> {
  const { simulate: replicates, seed, k, d, n, sigma, delta, covariance } = question;
  const ranks = (question.ranks ?? simulatedRanks).filter((rank) => rank > 0 && rank <= q);
  const input = { k, d, n, sigma, delta, ranks, replicates, seed, covariance: covariance ?? [] };
  const { fft, lora } = simulatedMeans.parse(await ask("simulate", input, signal));
  const rows = Object.entries(lora).map(([rank, mean]) => ({ r: Number(rank), ...mean }));
  const simulation = { replicates, seed, fft, lora: rows.sort((one, other) => one.r - other.r) };
  if (covariance !== undefined && n < d) return simulation;
  return { ...simulation, guarantee: guaranteed.parse(await ask("guarantee", input, signal)) };
}

/** Closed forms along n or σ; points without a finite answer are null. */
export async function sweepOf(
  question: z.infer<typeof theorySweepQuestion>,
  signal?: AbortSignal,
): Promise<TheorySweep> {
  return theorySweep.parse(await ask("sweep", question, signal));
}

/** Measured runs beside what the closed forms of a setting say of their ranks. */
export async function orderOfSetting(
  ranks: MeasuredRanks,
  setting: z.infer<typeof measuredOrderQuestion>["setting"],
  signal?: AbortSignal,
): Promise<MeasuredOrder> {
  const most = Math.min(setting.k, setting.d);
  const asked = [...new Set(ranks.runs.map(({ r }) => Math.min(r ?? most, most)))];
  const document = await riskOf({ ...setting, ranks: asked, simulate: 0 }, signal);
  const risks = new Map(document.curve.map(({ r, risk }) => [r, risk]));
  return measuredOrderOf(ranks, (rank) => risks.get(Math.min(rank ?? most, most)) ?? Number.NaN);
}
