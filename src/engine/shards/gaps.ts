/** What is still missing of a question after its parts were put together. */
import type { CollectDocument, PartManifest, PartRun } from "../../contract/domain/part.ts";
import type { Store } from "../store/types.ts";

interface Missing {
  run: PartRun;
  modules: string[];
  vectors: string[];
}

/** Which modules of each run stand where. */
export interface Standing {
  runs: CollectDocument["runs"];
  gaps: CollectDocument["gaps"];
}

/** @param failed names that parts brought as failed, by analysis; they are no gap, for they were tried */
export async function standing(
  { runs, shard }: PartManifest,
  store: Store,
  failed: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<Standing> {
  const missing: Missing[] = [];
  const counts: CollectDocument["runs"] = [];
  for (const run of runs) {
    const [modules, vectors] = [await store.storedModules(run.analysis), await store.storedVectors(run.analysis)];
    const tried = failed.get(run.analysis);
    const lost = run.modules.filter((name) => tried?.has(name) && !modules.has(name)).length;
    counts.push({
      ...{ label: run.label, analysis: run.analysis, modules: run.modules.length, failed: lost },
      measured: run.modules.filter((name) => modules.has(name)).length,
    });
    missing.push({
      run,
      modules: run.modules.filter((name) => !(modules.has(name) || tried?.has(name))),
      vectors: run.vectors.filter((name) => !vectors.has(name)),
    });
  }
  return { runs: counts, gaps: gapsOf(missing, shard.count) };
}

function gapsOf(missing: readonly Missing[], count: number): Standing["gaps"] {
  const shards = new Set(missing.flatMap(shardsOf));
  return {
    shards: [...shards].sort((one, other) => one - other).map((index) => ({ index, count })),
    modules: missing
      .filter(({ modules }) => modules.length > 0)
      .map(({ run, modules }) => ({ run: run.label, modules })),
    vectors: missing
      .filter(({ vectors }) => vectors.length > 0)
      .map(({ run, vectors }) => ({ run: run.label, vectors })),
  };
}

/** Shards of this cut that would bring what is missing. */
function shardsOf({ run, modules, vectors }: Missing): number[] {
  const pick = (wanted: readonly string[], names: readonly string[], shards: readonly number[]): number[] => {
    const lost = new Set(wanted);
    return shards.filter((_, index) => lost.has(names[index] as string));
  };
  return [...pick(modules, run.modules, run.moduleShards), ...pick(vectors, run.vectors, run.vectorShards)];
}
