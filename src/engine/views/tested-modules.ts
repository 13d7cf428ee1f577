/** Modules as findings need them, kept between questions: a brush asks again and again for the same ones. */
import type { ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { Store } from "../store/types.ts";

/** Modules kept in memory, about 6 kB each: eight runs of a large mixture of experts, which take seconds to read. */
const mostModules = 24_000;

export type TestedModules = (analysis: string) => Promise<readonly ModuleMeasures[]>;

/** Answers from memory what did not change since it was read; what was asked longest ago is forgotten first. */
export function createTestedModules(store: Store): TestedModules {
  const known = new Map<string, { version: number; modules: Promise<readonly ModuleMeasures[]>; count: number }>();
  const forget = (): void => {
    let count = [...known.values()].reduce((sum, entry) => sum + entry.count, 0);
    for (const [analysis, entry] of known) {
      if (count <= mostModules) return;
      count -= entry.count;
      known.delete(analysis);
    }
  };
  return async (analysis) => {
    const version = store.version(analysis);
    const before = known.get(analysis);
    const entry = before?.version === version ? before : { version, modules: store.tests(analysis), count: 0 };
    known.delete(analysis); // and set again: a map keeps the order of setting
    known.set(analysis, entry);
    try {
      const modules = await entry.modules;
      entry.count = modules.length;
      forget();
      return modules;
    } catch (thrown) {
      known.delete(analysis);
      throw thrown;
    }
  };
}
