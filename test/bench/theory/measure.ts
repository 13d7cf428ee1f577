/** The theory's numbers by turns with the textbook code; closed forms as the app asks for them. */
import { join } from "node:path";
import { ask } from "../../../src/engine/theory/ask.ts";
import { runChild } from "../child.ts";
import { median } from "../derive.ts";

/** Replicates that the goal is about; the textbook code runs fewer, and its time is multiplied. */
export const replicates = 1000;
const referenceReplicates = 25;
/** Modules and grid of the heat map's goal, with the shapes of a 0.5B model's layers in turn. */
const modules = 168;
const gridSide = 20;
const shapes = [
  [896, 896],
  [128, 896],
  [4864, 896],
  [896, 4864],
] as const;

export interface TheoryMeasured {
  /** Seconds of 1,000 replicates of figure 1's hardest point, at all ranks. */
  product: number;
  /** The same by the textbook code; undefined without a Python that has numpy. */
  reference: number | undefined;
  numpy: string | undefined;
  /** Largest difference of a mean, in its standard errors. */
  difference: number | undefined;
  /** Seconds of one fast curve at q 896 and of the whole heat map. */
  curve: number;
  map: number;
}

interface Means {
  fft: { mean: number; se: number };
  lora: Record<string, { mean: number; se: number }>;
}

interface Reference {
  seconds: number;
  means: number[];
  errors: number[];
  numpy: string;
}

export interface TheoryContext {
  threads: number;
  turns: number;
  python: string | undefined;
  log: (message: string) => void;
}

const hardest = { k: 100, d: 100, n: 953, sigma: 12, delta: { kind: "ba", rank: 4 }, ranks: [1, 2, 4, 8], seed: 1 };

export async function measureTheory({ threads, turns, python, log }: TheoryContext): Promise<TheoryMeasured> {
  const own: number[] = [];
  const others: Reference[] = [];
  let means: Means | undefined;
  for (let turn = 1; turn <= turns; turn += 1) {
    log(`theory: turn ${turn} of ${turns}`);
    own.push(
      await seconds(async () => {
        means = (await ask("simulate", { ...hardest, replicates })) as Means;
      }),
    );
    // Small matrices may be slower on more threads.
    if (python !== undefined) others.push(await textbook(python, 1), await textbook(python, threads));
  }
  return {
    product: median(own),
    reference:
      others.length === 0
        ? undefined
        : (Math.min(...others.map((one) => one.seconds)) * replicates) / referenceReplicates,
    numpy: others[0]?.numpy,
    difference: others[0] && means ? largestDifference(means, others[0]) : undefined,
    curve: median(await repeated(turns * 3, fastCurve)),
    map: median(await repeated(turns, heatMap)),
  };
}

async function textbook(python: string, threads: number): Promise<Reference> {
  const script = join(import.meta.dirname, "reference.py");
  const result = await runChild({ program: python, arguments: [script, String(referenceReplicates), String(threads)] });
  if (result.code !== 0) throw new Error(`${script} ended with ${result.code}: ${result.errors}`);
  return JSON.parse(result.output) as Reference;
}

function largestDifference({ fft, lora }: Means, reference: Reference): number {
  const own = [fft, ...hardest.ranks.map((rank) => lora[String(rank)])];
  return Math.max(
    ...own.map((mean, index) => {
      const [other, error] = [reference.means[index] ?? Number.NaN, reference.errors[index] ?? Number.NaN];
      return mean ? Math.abs(mean.mean - other) / Math.hypot(mean.se, error) : Number.NaN;
    }),
  );
}

/** What a slider asks for: every rank of the largest matrix the lab has. */
async function fastCurve(): Promise<void> {
  const delta = { kind: "pow", decay: 0.5, scale: 1, count: 896 };
  await ask("curve", { k: 896, d: 896, n: 2000, sigma: 0.5, spectrum: delta, ranks: [1] });
}

async function heatMap(): Promise<void> {
  const n = Array.from({ length: gridSide }, (_, index) => Math.round(100 * 1.4 ** index));
  const rho = Array.from({ length: gridSide }, (_, index) => 0.01 * 1.5 ** index);
  const questions = Array.from({ length: modules }, (_, index) => {
    const [k, d] = shapes[index % shapes.length] ?? shapes[0];
    const values = Array.from({ length: Math.min(k, d) }, (_value, place) => (place + 1) ** -0.7);
    return { question: { singular_values: values, k, d, n: 1000, rho: 1, tau: 0 }, n, rho };
  });
  await Promise.all(questions.map((question) => ask("rank_map", question)));
}

async function repeated(count: number, work: () => Promise<void>): Promise<number[]> {
  const found: number[] = [];
  for (let turn = 0; turn < count; turn += 1) found.push(await seconds(work));
  return found;
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
