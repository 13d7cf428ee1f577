/** How the low-rank updates of several adapters overlap: principal angles of B and of A, and the cosine of the ΔW. */
import type { ModuleOverlap } from "../../contract/domain/analysis.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Backend } from "../linalg/backend.ts";
import type { Store } from "../store/types.ts";
import type { PreparedRun } from "./prepare.ts";
import { runWeighted } from "./schedule.ts";
import { isLowRankOnly } from "./statement.ts";

type Member = Pick<PreparedRun, "analysis" | "pairing"> & { wanted: string[] };

/** Measures every pair of adapters that the store does not know yet; full checkpoints have no factors to compare. */
export async function computeOverlaps(
  members: readonly Member[],
  backend: Backend,
  store: Store,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [index, first] of members.entries()) {
    for (const second of members.slice(index + 1)) {
      if (first.analysis === second.analysis) continue;
      const known = (await store.overlap(first.analysis, second.analysis)) ?? [];
      const names = new Set(known.map(({ name }) => name));
      const open = sharedPairs(first, second).filter(([{ name }]) => !names.has(name));
      if (open.length === 0) continue;
      const measured = await overlapModules(open, backend, signal);
      if (signal?.aborted) throw new DeltaScopeError("job.cancelled", "The analysis was cancelled.");
      // What earlier runs with other filters measured stays.
      await store.putOverlap(first.analysis, second.analysis, [...known, ...measured]);
    }
  }
}

function sharedPairs(first: Member, second: Member): [MatrixPair, MatrixPair][] {
  const others = new Map(lowRankPairs(second).map((pair) => [pair.name, pair]));
  return lowRankPairs(first).flatMap((pair) => {
    const other = others.get(pair.name);
    return other ? [[pair, other] as [MatrixPair, MatrixPair]] : [];
  });
}

function lowRankPairs(member: Member): MatrixPair[] {
  const wanted = new Set(member.wanted);
  return member.pairing.matrices.filter((pair) => wanted.has(pair.name) && isLowRankOnly(pair.delta));
}

async function overlapModules(
  pairs: [MatrixPair, MatrixPair][],
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<ModuleOverlap[]> {
  const items = pairs.map((item) => ({ item, threads: 1 }));
  const work = async ([first, second]: [MatrixPair, MatrixPair]): Promise<ModuleOverlap | undefined> => {
    try {
      const { left, right, deltaCosine } = await backend.overlap(first.name, first.delta, second.delta, signal);
      return { name: first.name, left: Array.from(left), right: Array.from(right), deltaCosine: deltaCosine ?? null };
    } catch {
      // A module that cannot be read has failed in its own row already, with the reason.
      return undefined;
    }
  };
  const modules: ModuleOverlap[] = [];
  for await (const { result } of runWeighted(items, backend.threads, work, signal)) if (result) modules.push(result);
  return modules;
}
