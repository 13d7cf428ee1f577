/** Joins address and answers of the engine to what Spectra & rank shows. */
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { AppRun, EnergyCurve, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { useEngine } from "../../client/engine.ts";
import { energyCurvesQuery, rowsQuery, runDetailsQuery, runsQuery } from "../../client/queries.ts";
import { chosenKind, chosenRuns, inRange, kindsOf, type LayerRange, layerRows, parseLayers } from "./model/choice.ts";
import { type SquaredRanks, squaredRanks } from "./model/ranks.ts";
import type { RankDefinition, SpectraSearch } from "./search.ts";

const route = getRouteApi("/spectra");
const noRuns: readonly AppRun[] = [];
const noRows: readonly ModuleRow[] = [];

/** One run with what is shown of it. */
export interface RunSpectra {
  run: AppRun;
  /** Rows in the chosen layers, all kinds. */
  rows: readonly ModuleRow[];
  /** Curves of the chosen kind in the chosen layers. */
  curves: readonly EnergyCurve[];
  squared: SquaredRanks;
  /** Rank of a LoRA; undefined where nothing bounds the directions. */
  rankLimit: number | undefined;
}

export interface SpectraModel {
  search: SpectraSearch;
  change: (changes: Partial<SpectraSearch>) => void;
  /** All runs of the workspace on the same base as the chosen ones. */
  family: readonly AppRun[];
  spectra: readonly RunSpectra[];
  kinds: readonly string[];
  kind: string | undefined;
  layers: readonly number[];
  range: LayerRange | undefined;
  definition: RankDefinition;
  pending: boolean;
  /** Curves of the last choice are shown while those of the new one are on their way. */
  stale: boolean;
  error: unknown;
  retry: () => void;
}

export function useSpectra(): SpectraModel {
  const engine = useEngine();
  const search = route.useSearch() as SpectraSearch;
  const runs = useQuery(runsQuery(engine));
  const chosen = useMemo(() => chosenRuns(runs.data ?? noRuns, search.runs), [runs.data, search.runs]);
  const ids = useMemo(() => chosen.map(({ id }) => id), [chosen]);
  const answer = useQuery({ ...rowsQuery(engine, ids), placeholderData: keepPreviousData });
  const rows = useMemo(() => layerRows(answer.data ?? noRows), [answer.data]);
  const kinds = useMemo(() => kindsOf(rows), [rows]);
  const kind = chosenKind(kinds, search.kind);
  const definition = search.rank ?? "entropy";
  const curves = useCurves(ids, kind, definition);
  const limits = useRankLimits(chosen);
  const range = useMemo(() => parseLayers(search.layers), [search.layers]);
  const fans = useMemo(() => runCurves(ids, curves.data, kind, range), [ids, curves.data, kind, range]);
  const spectra = useMemo(
    () => chosen.map((run) => runSpectra(run, { rows, fans, range, limits })),
    [chosen, rows, fans, range, limits],
  );
  const layers = [...new Set(rows.flatMap(({ layer }) => (layer === null ? [] : [layer])))].join();
  const failed = [runs, answer, curves].find(({ isError }) => isError);
  return {
    search,
    change: useChange(),
    family: useMemo(() => familyOf(runs.data ?? noRuns, chosen[0]), [runs.data, chosen]),
    spectra,
    kinds,
    kind,
    // The same while rows arrive in layers that are there.
    layers: useMemo(() => (layers === "" ? [] : layers.split(",").map(Number)), [layers]),
    range,
    definition,
    pending: runs.isPending || (ids.length > 0 && (answer.isPending || (kind !== undefined && curves.isPending))),
    stale: answer.isPlaceholderData || curves.isPlaceholderData,
    error: failed?.error ?? null,
    retry: () => void failed?.refetch(),
  };
}

function familyOf(runs: readonly AppRun[], first: AppRun | undefined): AppRun[] {
  return runs.filter(({ base }) => base.fingerprint === first?.base.fingerprint);
}

/** Curves of the chosen kind; of all kinds where the definition needs them for every module. */
function useCurves(ids: readonly string[], kind: string | undefined, definition: RankDefinition) {
  const engine = useEngine();
  const kinds = definition === "entropy2" || kind === undefined ? undefined : [kind];
  return useQuery({
    ...energyCurvesQuery(engine, ids, kinds),
    enabled: ids.length > 0 && kind !== undefined,
    placeholderData: keepPreviousData,
  });
}

function useRankLimits(runs: readonly AppRun[]): ReadonlyMap<string, number> {
  const engine = useEngine();
  return useQueries({
    queries: runs.map(({ id }) => runDetailsQuery(engine, id)),
    combine: (answers) =>
      new Map(
        answers.flatMap(({ data }) => {
          const limit = data && limitOf(data.adapter);
          return limit === undefined || !data ? [] : [[data.run.id, limit] as const];
        }),
      ),
  });
}

/** Only a plain LoRA of one rank bounds every module; DoRA's rescaling and rank patterns do not. */
function limitOf(
  adapter: { type: string; rank: number | null; variants: readonly string[] } | null,
): number | undefined {
  if (adapter?.rank == null || adapter.type !== "LORA") return undefined;
  return adapter.variants.some((variant) => variant === "dora" || variant === "rank_pattern")
    ? undefined
    : adapter.rank;
}

type RunCurves = Pick<RunSpectra, "curves" | "squared">;

/** Of each run; nothing here changes while only rows arrive. */
function runCurves(
  ids: readonly string[],
  answers: readonly { run: string; curves: EnergyCurve[] }[] | undefined,
  kind: string | undefined,
  range: LayerRange | undefined,
): ReadonlyMap<string, RunCurves> {
  return new Map(
    ids.map((id) => {
      const own = answers?.find(({ run }) => run === id)?.curves ?? [];
      const curves = own.filter((curve) => curve.kind === kind && inRange(curve.layer, range));
      return [id, { curves, squared: squaredRanks(own) }];
    }),
  );
}

const noCurves: RunCurves = { curves: [], squared: squaredRanks([]) };

interface RunParts {
  rows: readonly ModuleRow[];
  fans: ReadonlyMap<string, RunCurves>;
  range: LayerRange | undefined;
  limits: ReadonlyMap<string, number>;
}

function runSpectra(run: AppRun, { rows, fans, range, limits }: RunParts): RunSpectra {
  const { curves, squared } = fans.get(run.id) ?? noCurves;
  return {
    run,
    rows: rows.filter((row) => row.analysis === run.analysis && inRange(row.layer, range)),
    curves,
    squared,
    rankLimit: limits.get(run.id),
  };
}

function useChange(): SpectraModel["change"] {
  const navigate = useNavigate({ from: "/spectra" });
  return useCallback(
    (changes) => void navigate({ to: ".", search: (before) => ({ ...before, ...changes }), replace: true }),
    [navigate],
  );
}
