/** From measured times to the figures of the table. */
import type { BenchCase } from "./checkpoints.ts";
import type { Measured, Round } from "./measure.ts";

export type Kind = "adapter" | "full";

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** Seconds of the whole command, from start to exit. */
export function productSeconds(measured: Measured, question: keyof Round): number {
  return median(measured.rounds.map((round) => round[question].seconds));
}

/** Seconds that the reference needs for one layer: reading, the base's SVD, and the part of this question. */
export function referencePerLayer(measured: Measured, kind: Kind): number | undefined {
  if (measured.reference.length === 0) return undefined;
  return median(measured.reference.map(({ seconds }) => seconds.read + seconds.base + seconds[kind]));
}

/** Seconds of one more layer, and of the real model with all its layers, if fewer layers were measured too. */
export function perLayer(measured: Measured, kind: Kind): { layer: number; whole: number } | undefined {
  const { halfLayers, subject } = measured;
  if (halfLayers === 0) return undefined;
  const all = productSeconds(measured, kind);
  const half = productSeconds(measured, kind === "adapter" ? "halfAdapter" : "halfFull");
  const layer = (all - half) / (subject.layers - halfLayers);
  return { layer, whole: all + layer * (subject.wholeLayers - subject.layers) };
}

/** How often the product is faster: on the measured layers, and for the whole model. */
export function ratios(measured: Measured, kind: Kind): { measured: number; whole: number | undefined } | undefined {
  const reference = referencePerLayer(measured, kind);
  if (reference === undefined) return undefined;
  const { layers, wholeLayers } = measured.subject;
  const whole = perLayer(measured, kind)?.whole;
  return {
    measured: (reference * layers) / productSeconds(measured, kind),
    whole: whole === undefined ? undefined : (reference * wholeLayers) / whole,
  };
}

/** What an additional run in the same job costs against the first, by the job's own clock. */
export function extraRunShares({ rounds }: Measured): { second: number; third: number } {
  const clock = (question: keyof Round): number => median(rounds.map((round) => round[question].document.seconds));
  const first = clock("adapter");
  return { second: (clock("two") - first) / first, third: (clock("three") - clock("two")) / first };
}

/** Largest memory beyond mapped files in any command. */
export function peakBytes({ rounds }: Measured): number | undefined {
  const peaks = rounds.flatMap((round) => Object.values(round).map((answer) => answer.peakBytes));
  return peaks.some((peak) => peak === undefined) ? undefined : Math.max(...(peaks as number[]));
}

/**
 * Floating point operations that no exact method avoids: one symmetric Gram matrix on the smaller side (p²·q) of the
 * base; for a full fine-tune also of W and ΔW, and the reduction of ΔW's to tridiagonal form (4/3·p³).
 */
export function leastOperations({ shapes, layers }: BenchCase, kind: Kind): number {
  const ofModule = (rows: number, columns: number): number => {
    const p = Math.min(rows, columns);
    const gram = p * p * Math.max(rows, columns);
    return kind === "adapter" ? gram : 3 * gram + (4 / 3) * p ** 3;
  };
  return layers * shapes.reduce((sum, [rows, columns]) => sum + ofModule(rows, columns), 0);
}

/** Vectors on which product and reference decide differently, and the number compared. */
export function disagreements(measured: Measured, kind: Kind): { compared: number; different: number } {
  const answer = measured.rounds[0]?.[kind];
  const modules = new Map(answer?.document.runs[0]?.modules.map((module) => [module.name, module]));
  const pairs = measured.reference.flatMap(({ modules: found }) =>
    found.flatMap((module) => {
      const vectors = modules.get(module.name)?.vectors ?? [];
      return module[kind].map((cosine, index) => ({ cosine, intruder: vectors[index]?.intruder }));
    }),
  );
  // Beyond fp32's doubt about a cosine near the threshold, every decision has to be the same.
  const clear = pairs.filter(({ cosine }) => Math.abs(cosine - 0.5) > 1e-3);
  return {
    compared: clear.length,
    different: clear.filter(({ cosine, intruder }) => intruder !== cosine < 0.5).length,
  };
}
