/** Numbers and vectors of modules from which every arm follows (`src/contract/intervention.ts`). */
import type { EditGeometry } from "../../contract/domain/edit.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { ProgressMeter } from "../jobs/progress.ts";
import type { EditedModule, EditModule, Triplets } from "../linalg/edit-backend.ts";
import type { Flags } from "./decisions.ts";
import { memoryOf } from "./memory.ts";
import type { OpenedPair } from "./open-pair.ts";
import { type EditListener, type EditServices, silentListener } from "./services.ts";

/** Start of the random vectors of the search; one value, so that the same question gives the same bits. */
const SEED = 0;

export interface MeasuredModule {
  pair: MatrixPair;
  geometry: EditGeometry;
  triplets: Triplets;
}

/** What is asked of one module. */
export interface GeometryQuestion {
  pair: MatrixPair;
  /** Top vectors that are searched. */
  count: number;
  /** Decisions by place; vectors beyond them are undecided. */
  flags: Flags;
}

/** @throws DeltaScopeError `checkpoint.quantised` without a readable base, and what the search throws */
export async function measureGeometry(
  opened: OpenedPair,
  questions: readonly GeometryQuestion[],
  services: EditServices,
  listener: EditListener = silentListener,
  signal?: AbortSignal,
): Promise<MeasuredModule[]> {
  const meter = new ProgressMeter({
    phase: "analyze",
    unit: "modules",
    total: questions.length,
    cost: questions.length,
  });
  const measured: MeasuredModule[] = [];
  for (const { pair, count, flags } of questions) {
    const triplets = await tripletsOf(opened, pair, count, services, signal);
    measured.push({ pair, triplets, geometry: geometryOf(pair, triplets, flags) });
    const progress = meter.advance(1, 1, pair.name);
    if (progress) listener.progress(progress);
  }
  return measured;
}

async function tripletsOf(
  opened: OpenedPair,
  pair: MatrixPair,
  count: number,
  { edits, threads }: EditServices,
  signal: AbortSignal | undefined,
): Promise<Triplets> {
  const { triplets: known } = memoryOf(edits, opened);
  const wanted = Math.min(count, ...pair.shape);
  const key = `${wanted} ${pair.name}`;
  const found =
    known.get(key) ?? (await edits.triplets({ ...editModule(pair), count: wanted, seed: SEED, threads }, signal));
  known.set(key, found);
  return found;
}

/** A pair as edits name it. @throws DeltaScopeError `checkpoint.quantised` where the base cannot be read */
export function editModule({ name, base, delta }: MatrixPair): EditModule {
  if (base) return { name, base, delta };
  throw new DeltaScopeError("checkpoint.quantised", `The base of ${name} is quantised and cannot be read.`, name);
}

function geometryOf({ name }: MatrixPair, triplets: Triplets, flags: Flags): EditGeometry {
  const { baseFrobenius, deltaFrobenius, singularValues, overlaps } = triplets;
  return {
    module: name,
    baseFrobenius,
    deltaFrobenius,
    vectors: Array.from(singularValues, (singularValue, index) => ({
      index,
      singularValue,
      deltaOverlap: overlaps[index] ?? 0,
      intruder: flags[index] ?? null,
    })),
  };
}

/** The tuned matrix itself, as edits name it. */
export function asEdited(pair: MatrixPair): EditedModule {
  return { ...editModule(pair), weight: 1, vectors: [] };
}
