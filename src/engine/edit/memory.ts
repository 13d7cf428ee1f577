/**
 * What was measured of one pair of sources, kept while the same pair is asked about again: a sweep over λ and arms
 * would otherwise search the same vectors for every point.
 */
import type { EditBackend, Triplets } from "../linalg/edit-backend.ts";
import type { OpenedPair } from "./open-pair.ts";

export interface PairMemory {
  /** Bounds of the best cosine of the top vectors of a module, by depth of the test, threshold and name. */
  bounds: Map<string, readonly { lower: number; upper: number }[]>;
  /** Triplets by name and count. */
  triplets: Map<string, Triplets>;
}

/** Pairs kept at once: the tuned models of one audit. Vectors of a 0.5B model's chosen modules take about 10 MB. */
const PAIRS_MAXIMUM = 4;

/** One memory for each backend, which holds the vectors that the handles stand for. */
const memories = new WeakMap<EditBackend, Map<string, PairMemory>>();

/** The memory of these weights, whatever their paths; the pair asked about longest ago is forgotten. */
export function memoryOf(edits: EditBackend, { base, tuned }: OpenedPair): PairMemory {
  const pairs = memories.get(edits) ?? new Map<string, PairMemory>();
  memories.set(edits, pairs);
  const key = `${base.fingerprint} ${tuned.fingerprint}`;
  const memory = pairs.get(key) ?? { bounds: new Map(), triplets: new Map() };
  pairs.delete(key); // and set again: a map keeps the order of setting
  pairs.set(key, memory);
  const [oldest] = pairs.keys();
  // Only forgotten here: an edit that still runs may hold these vectors, which go with the last one who does.
  if (pairs.size > PAIRS_MAXIMUM && oldest !== undefined) pairs.delete(oldest);
  return memory;
}
