/** Everything that is measured on one base: product and reference by turns, in the same minutes. */
import type { BenchCase } from "./checkpoints.ts";
import { type Answer, analyze, inEngine, secondsToCancel, withWorkspace } from "./product.ts";
import { type ReferenceLayer, referenceLayer } from "./reference.ts";

/** How often the product is asked each question; the median time counts. */
const REPEATS = 3;
/** Moments of the interruption, as shares of the time that the whole answer takes. */
const CANCEL_AT = [0.3, 0.5, 0.7];

/** What is asked again in every round: about one run, fewer layers, or more runs in one job. */
export type Round = Record<"adapter" | "full" | "halfAdapter" | "halfFull" | "two" | "three", Answer>;

export interface Measured {
  readonly subject: BenchCase;
  readonly rounds: readonly Round[];
  /** Layers of the questions about fewer layers; 0 where there is only one layer. */
  readonly halfLayers: number;
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
  const halfLayers = Math.floor(subject.layers / 2);
  const rounds: Round[] = [];
  const reference: ReferenceLayer[] = [];
  const turns = Math.max(REPEATS, context.python === undefined ? 0 : subject.referenceLayers);
  for (let turn = 0; turn < turns; turn += 1) {
    log(`${subject.title}: turn ${turn + 1} of ${turns}`);
    if (turn < REPEATS) rounds.push(await measureRound(subject, threads, halfLayers));
    if (context.python !== undefined && turn < subject.referenceLayers) {
      reference.push(await referenceLayer(context.python, subject, turn, threads));
    }
  }
  log(`${subject.title}: repeat, cancel, event loop`);
  return {
    subject,
    rounds,
    halfLayers,
    reference,
    repeatSeconds: await measureRepeat(subject, threads),
    cancelSeconds: await measureCancel(subject, threads, rounds[0]?.full.seconds ?? 0),
    blockedMilliseconds: await measureBlocked(subject, threads),
  };
}

async function measureRound({ base, adapters, full }: BenchCase, threads: number, halfLayers: number): Promise<Round> {
  const one = { base, tuned: adapters.slice(0, 1), threads };
  const whole = { base, tuned: [full], threads };
  const layers = Math.max(1, halfLayers);
  return {
    adapter: await analyze(one),
    full: await analyze(whole),
    halfAdapter: await analyze({ ...one, layers }),
    halfFull: await analyze({ ...whole, layers }),
    two: await analyze({ ...one, tuned: adapters.slice(0, 2) }),
    three: await analyze({ ...one, tuned: adapters }),
  };
}

function measureRepeat({ base, adapters }: BenchCase, threads: number): Promise<number> {
  return withWorkspace(async (workspace) => {
    const question = { base, tuned: adapters.slice(0, 1), threads, workspace };
    await analyze(question);
    return (await analyze(question)).seconds;
  });
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
  const found = await withWorkspace((workspace) => inEngine("block", base, full, String(threads), workspace));
  return found.milliseconds ?? Number.NaN;
}
