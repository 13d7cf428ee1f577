/** Effective ranks by layer and side by side, in every definition. Pure. */
import type { AppRun, EnergyCurve, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { maximum, median, minimum } from "../../../../src/contract/statistics.ts";
import type { RankByLayer } from "../../../charts/effective-rank.tsx";
import type { RankDefinition } from "../search.ts";

export const rankNames: Record<RankDefinition, { long: string; short: string }> = {
  entropy: { long: "entropy of σ (Roy–Vetterli)", short: "entropy, σ" },
  entropy2: { long: "entropy of σ²", short: "entropy, σ²" },
  participation: { long: "participation ratio", short: "participation" },
  stable: { long: "stable rank", short: "stable" },
  energy90: { long: "k90, directions for 90 %", short: "k90" },
};

/** Names of modules with the entropy rank on σ², which only the energy curves carry. */
export type SquaredRanks = ReadonlyMap<string, number | null>;

export function squaredRanks(curves: readonly EnergyCurve[]): SquaredRanks {
  return new Map(curves.map(({ name, entropySquared }) => [name, entropySquared]));
}

export function rankOf(row: ModuleRow, definition: RankDefinition, squared: SquaredRanks): number | null {
  switch (definition) {
    case "entropy":
      return row.entropyRank;
    case "entropy2":
      return squared.get(row.name) ?? null;
    case "participation":
      return row.participation;
    case "stable":
      return row.stableRank;
    case "energy90":
      return row.energy90;
  }
}

/** Median and range over the modules of each layer; layers without a defined rank are left out. */
export function ranksByLayer(
  rows: readonly ModuleRow[],
  definition: RankDefinition,
  squared: SquaredRanks,
): RankByLayer[] {
  const layers = Map.groupBy(rows, ({ layer }) => layer ?? -1);
  return [...layers]
    .sort(([a], [b]) => a - b)
    .flatMap(([layer, modules]) => {
      const values = modules.map((row) => rankOf(row, definition, squared)).filter((value) => value !== null);
      const middle = median(values);
      if (middle === undefined) return [];
      const low = minimum(values) ?? middle;
      const high = maximum(values) ?? middle;
      return [{ layer, median: middle, low, high, modules: values.length }];
    });
}

export interface DefinitionLine {
  run: AppRun;
  layers: number;
  medians: Record<RankDefinition, number | undefined>;
}

/** Medians over the layers of one kind, in every definition. */
export function definitionLine(run: AppRun, rows: readonly ModuleRow[], squared: SquaredRanks): DefinitionLine {
  const of = (definition: RankDefinition) => median(rows.map((row) => rankOf(row, definition, squared)));
  return {
    run,
    layers: rows.length,
    medians: {
      entropy: of("entropy"),
      entropy2: of("entropy2"),
      participation: of("participation"),
      stable: of("stable"),
      energy90: of("energy90"),
    },
  };
}

/** Power-law exponents by kind: of one layer, and the median over layers. */
export function exponents(
  rows: readonly ModuleRow[],
  kinds: readonly string[],
  layer: number | null,
): { kind: string; here: number | null; fits: boolean; median: number | undefined }[] {
  return kinds.map((kind) => {
    const same = rows.filter((row) => row.kind === kind);
    const here = same.find((row) => row.layer === layer);
    return {
      kind,
      here: here?.decayExponent ?? null,
      fits: here?.decayLaw === "power",
      median: median(same.map(({ decayExponent }) => decayExponent)),
    };
  });
}

/** "q", "gate": kinds as short column heads. */
export function shortKind(kind: string): string {
  return kind.replace(/_proj$/, "");
}
