/** Everything that is measured on one base: product and reference by turns, in the same minutes. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { BenchCase } from "./checkpoints.ts";
import { type Answer, analyze, inEngine, secondsToCancel, temporaryFolder } from "./product.ts";
import { type ReferenceLayer, referenceLayer } from "./reference.ts";

/** How often the product is timed on the main questions; the median counts. */
const REPEATS = 3;
/** Moments of the interruption, as shares of the time that the whole answer takes. */
const CANCEL_AT = [0.3, 0.5, 0.7];

export interface Measured {
  readonly subject: BenchCase;
  /** Answers about one adapter, and about one full fine-tune. */
  readonly adapter: readonly Answer[];
  readonly full: readonly Answer[];
  /** Half of the layers, for the cost of one more. */
  readonly half: { readonly layers: number; readonly adapter: Answer; readonly full: Answer } | undefined;
  /** Two and three adapters in one job. */
  readonly two: Answer;
  readonly three: Answer;
  readonly repeatSeconds: number;
  readonly cancelSeconds: readonly number[];
  readonly blockedMilliseconds: number;
  readonly reference: readonly ReferenceLayer[];
}

export interface MeasureContext {
  readonly threads: number;
  readonly python: string | undefined;
  readonly log: (message: string) => void;
}

export async function measureCase(subject: BenchCase, context: MeasureContext): Promise<Measured> {
  const { threads, log } = context;
  const { base, full: fullPath, adapters } = subject;
  const [first = ""] = adapters;
  const adapter: Answer[] = [];
  const full: Answer[] = [];
  const reference: ReferenceLayer[] = [];
  const rounds = Math.max(REPEATS, context.python === undefined ? 0 : subject.referenceLayers);
  for (let round = 0; round < rounds; round += 1) {
    log(`${subject.title}: round ${round + 1} of ${rounds}`);
    if (round < REPEATS) adapter.push(await analyze({ base, tuned: [first], threads }));
    if (round < REPEATS) full.push(await analyze({ base, tuned: [fullPath], threads }));
    if (context.python !== undefined && round < subject.referenceLayers) {
      reference.push(await referenceLayer(context.python, subject, round, threads));
    }
  }
  log(`${subject.title}: more runs, fewer layers, repeat, cancel`);
  const wholeSeconds = full[0]?.seconds ?? 0;
  return {
    subject,
    adapter,
    full,
    reference,
    half: await measureHalf(subject, threads),
    two: await analyze({ base, tuned: adapters.slice(0, 2), threads }),
    three: await analyze({ base, tuned: adapters, threads }),
    repeatSeconds: await measureRepeat(subject, threads),
    cancelSeconds: await measureCancel(subject, threads, wholeSeconds),
    blockedMilliseconds: await measureBlocked(subject, threads),
  };
}

async function measureHalf({ layers, base, adapters, full }: BenchCase, threads: number): Promise<Measured["half"]> {
  const half = Math.floor(layers / 2);
  if (half === 0) return undefined;
  const [first = ""] = adapters;
  const adapter = await analyze({ base, tuned: [first], threads, layers: half });
  return { layers: half, adapter, full: await analyze({ base, tuned: [full], threads, layers: half }) };
}

async function measureRepeat({ base, adapters }: BenchCase, threads: number): Promise<number> {
  const folder = temporaryFolder();
  const question = { base, tuned: adapters.slice(0, 1), threads, workspace: join(folder, "workspace") };
  await analyze(question);
  const { seconds } = await analyze(question);
  rmSync(folder, { recursive: true });
  return seconds;
}

async function measureCancel({ base, full }: BenchCase, threads: number, wholeSeconds: number): Promise<number[]> {
  const seconds: number[] = [];
  for (const share of CANCEL_AT) {
    const found = await secondsToCancel({ base, tuned: [full], threads }, share * wholeSeconds);
    if (found !== undefined) seconds.push(found);
  }
  return seconds;
}

async function measureBlocked({ base, full }: BenchCase, threads: number): Promise<number> {
  const folder = temporaryFolder();
  const found = await inEngine("block", base, full, String(threads), join(folder, "workspace"));
  rmSync(folder, { recursive: true });
  return found.milliseconds ?? Number.NaN;
}
