/** Intervals of an audit, each drawn once: tables are asked anew whenever an answer is stored. */
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { flipsAlone, type Interval, pairedInterval, type Units } from "../evaluation/statistics/bootstrap.ts";

export type IntervalOf = (units: Units) => Promise<Interval | undefined>;

const turnMilliseconds = 15;
/** A sweep of eight runs over ten tasks, λ and arms has fewer; an interval takes about 200 bytes. */
const mostKept = 4096;

/** The same units always have the same interval, so what was drawn once is kept, the least recently asked go first. */
const drawn = new Map<string, Promise<Interval | undefined>>();

export function intervals(signal?: AbortSignal): IntervalOf {
  let turn = performance.now();
  return async (units) => {
    // Intervals that are known come without a turn of the event loop, and a large audit asks for thousands.
    if (performance.now() - turn > turnMilliseconds) {
      await nextTurn();
      turn = performance.now();
    }
    signal?.throwIfAborted();
    const key = keyOf(units);
    const found = drawn.get(key) ?? pairedInterval(units);
    drawn.delete(key);
    drawn.set(key, found);
    for (const oldest of drawn.keys()) {
      if (drawn.size <= mostKept) break;
      drawn.delete(oldest);
    }
    return found;
  };
}

function keyOf(units: Units): string {
  const flips = flipsAlone(units);
  if (flips) return `${flips.items} ${flips.lost} ${flips.gained}`;
  const { change, weight } = units;
  return createHash("sha256").update(change).update(weight).digest("base64");
}
