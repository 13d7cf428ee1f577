/** Which shard measures which module: the same on every machine that is given the same question. */
import { planUnits, type Unit } from "../analysis/plan.ts";
import type { Prepared } from "../analysis/prepare.ts";
import { sidesFor } from "../analysis/question.ts";

/** Numbers of shards, from 1, by the names of matrices and of vectors. */
export interface Partition {
  modules: ReadonlyMap<string, number>;
  vectors: ReadonlyMap<string, number>;
}

/**
 * Cuts the whole plan, whatever a store already holds. All runs of one module stay together: they share the Gram
 * matrix of the base, and their overlap needs both.
 */
export async function partition(prepared: Prepared, count: number): Promise<Partition> {
  const { runs, filter, settings } = prepared;
  const planned = runs.map(({ analysis, pairing }) => ({
    analysis,
    rounding: pairing.roundingGrid,
    matrices: pairing.matrices.filter(filter),
  }));
  const vectors = new Set(runs.flatMap(({ pairing }) => pairing.vectors.map(({ name }) => name)));
  return {
    modules: balance(costsByName(await planUnits(planned, sidesFor(settings).length)), count),
    vectors: new Map([...vectors].sort(byText).map((name, index) => [name, (index % count) + 1])),
  };
}

function costsByName(units: readonly Unit[]): Map<string, number> {
  const costs = new Map<string, number>();
  for (const { name, cost } of units) costs.set(name, (costs.get(name) ?? 0) + cost.flops);
  return costs;
}

/** The costliest first, each to the shard that has the least so far; equal ones in the order of their names. */
export function balance(costs: ReadonlyMap<string, number>, count: number): Map<string, number> {
  const order = [...costs].sort(([one, a], [other, b]) => b - a || byText(one, other));
  const loads = new Array<number>(count).fill(0);
  const shards = new Map<string, number>();
  for (const [name, cost] of order) {
    const lightest = loads.indexOf(Math.min(...loads));
    loads[lightest] = (loads[lightest] as number) + cost;
    shards.set(name, lightest + 1);
  }
  return shards;
}

/** By code units: the order of a locale could differ between machines. */
function byText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
