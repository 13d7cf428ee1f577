/** How the recommended rank moves with samples and noise. */
import { z } from "zod";
import type { AdviceQuestion, RankMap } from "../../contract/domain/theory.ts";
import type { Store } from "../store/types.ts";
import { ask } from "./ask.ts";
import { questionOf, referencesOf } from "./reference.ts";

const grid = z.array(z.array(z.number().int().nullable()));

/** The median over the modules of a run, taken on the grid of ranks; null where fewer than half have an answer. */
export async function rankMapOf(
  { source, n, rho }: { source: AdviceQuestion["source"]; n: number[]; rho: number[] },
  store: () => Promise<Store>,
  signal?: AbortSignal,
): Promise<RankMap> {
  const { modules } = await referencesOf(source, store);
  const maps = await Promise.all(
    modules.map(async (reference) => {
      const question = questionOf(reference, n[0] ?? 1, rho[0] ?? 1);
      return grid.parse(await ask("rank_map", { question, n, rho }, signal));
    }),
  );
  const at = (row: number, column: number): number | null => {
    const ranks = maps.flatMap((map) => map[row]?.[column] ?? []).sort((one, other) => one - other);
    return ranks.length * 2 < maps.length ? null : (ranks[Math.floor((ranks.length - 1) / 2)] ?? null);
  };
  return { n, rho, ranks: rho.map((_, row) => n.map((__, column) => at(row, column))) };
}
