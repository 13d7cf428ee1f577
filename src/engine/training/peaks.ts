/** What runs took at their peak, kept for the estimates of those that ask the same. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { MemoryEstimate } from "../../contract/domain/training.ts";
import type { Store } from "../store/types.ts";
import { deviceMargin, type MemoryQuestion } from "./memory.ts";

const peak = z.object({ question: z.string(), bytes: z.number().positive() });
type Peak = z.infer<typeof peak>;

/** Among the settings of a workspace. */
const key = "memory-peaks";
/** Of these the newest are kept: a sweep of hundreds of runs asks a few questions. */
const mostKept = 500;
/** Runs of one question differ by this share: allocators round, and rows are drawn anew. */
const measuredSpread = 0.05;
/** The formula against what was measured: of CPU runs, and of the fake tensors of torch's memory tracker. */
const formulaSpread = 0.15;

type Known = Pick<Store, "settings">;

/** Sizes, method, batch and length: everything that the formula asks, wherever the base lies. */
function nameOf(question: MemoryQuestion): string {
  return createHash("sha256").update(JSON.stringify(question)).digest("hex");
}

async function readPeaks(store: Known): Promise<Peak[]> {
  return z.array(peak).safeParse((await store.settings())[key]).data ?? [];
}

/** @param measured the process's memory, or what the tensors took on a card, whose driver needs some beside them */
export async function keepPeak(
  question: MemoryQuestion,
  measured: number,
  store: Known & Pick<Store, "putSettings">,
): Promise<void> {
  const bytes = question.onProcessor ? measured : measured + deviceMargin;
  const kept = [...(await readPeaks(store)), { question: nameOf(question), bytes }];
  await store.putSettings({ [key]: kept.slice(-mostKept) });
}

type Estimate = Pick<MemoryEstimate, "parts" | "totalBytes" | "range" | "measured">;

/** The highest peak of like runs in the formula's place, its parts in proportion; else the formula as it is. */
export async function withMeasured(
  question: MemoryQuestion,
  formula: Pick<Estimate, "parts" | "totalBytes">,
  store: Known,
): Promise<Estimate> {
  const name = nameOf(question);
  const like = (await readPeaks(store)).filter((one) => one.question === name).map(({ bytes }) => bytes);
  if (like.length === 0) return { ...formula, range: around(formula.totalBytes, formulaSpread), measured: 0 };
  const totalBytes = Math.max(...like);
  const ratio = totalBytes / formula.totalBytes;
  const parts = Object.fromEntries(Object.entries(formula.parts).map(([part, bytes]) => [part, ratio * bytes]));
  const low = (1 - measuredSpread) * Math.min(...like);
  return { parts, totalBytes, range: { low, high: (1 + measuredSpread) * totalBytes }, measured: like.length };
}

function around(bytes: number, share: number): { low: number; high: number } {
  return { low: (1 - share) * bytes, high: (1 + share) * bytes };
}
