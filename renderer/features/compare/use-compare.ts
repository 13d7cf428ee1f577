/** Joins address and answers of the engine to the model of the view. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState } from "react";
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { useEngine } from "../../client/engine.ts";
import { rowsQuery, runsQuery } from "../../client/queries.ts";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { createBrushDraft } from "./brush-draft.ts";
import type { CompareModel } from "./compare-model.ts";
import { type Brush, brushText, parseBrush } from "./model/brush.ts";
import { differenceOf } from "./model/difference.ts";
import { gridOf, sortKinds, splitTracks, type TrackRows } from "./model/grid.ts";
import { metrics } from "./model/metrics.ts";
import { chooseRuns, foldedRuns } from "./model/runs.ts";
import { parsePlace } from "./model/selection.ts";
import { createDecider, settingsOf } from "./model/test-settings.ts";
import { type CompareSearch, listOf } from "./search.ts";
import { useDomain } from "./use-domain.ts";
import { useHeatTracks } from "./use-heat-tracks.ts";
import { useStable } from "./use-stable.ts";

const route = getRouteApi("/compare");
const noRuns: readonly AppRun[] = [];
const noRows: readonly ModuleRow[] = [];

export function useCompare(): CompareModel {
  const { sel, at, pins, ...rest } = route.useSearch();
  const search: CompareSearch = useStable(rest);
  const update = useUpdate();
  const data = useRows(search);
  const { runs, rows } = data;
  const { k, epsilon, side } = settingsOf(runs, search);
  const settings = useMemo(() => ({ k, epsilon, side }), [k, epsilon, side]);
  const decide = useMemo(() => createDecider(settings), [settings]);
  const tracks = useTracks(runs, rows);
  const chosenKinds = useStable(listOf(search.kinds));
  const grid = useStable(useMemo(() => gridOf(runs, rows, chosenKinds), [runs, rows, chosenKinds]));
  const kinds = useStable(useMemo(() => sortKinds(new Set(rows.map(({ kind }) => kind))), [rows]));
  const brushing = useBrush(search.layers, grid.layers.length, update);
  const { pair, of } = search;
  const difference = useMemo(
    () => (search.metric === "difference" ? differenceOf(runs, { pair, of }) : undefined),
    [runs, search.metric, pair, of],
  );
  const metricId = search.metric === "difference" ? (of ?? "relative") : (search.metric ?? "relative");
  const metric = metrics[metricId];
  const folded = useMemo(() => foldedRuns(runs, search.fold), [runs, search.fold]);
  const heat = useHeatTracks({ tracks, grid, metric, decide, folded, difference });
  const domain = useDomain({ search, heat, grid, metric, difference, settings });
  return {
    ...data,
    search,
    update,
    tracks,
    grid,
    kinds,
    chosenKinds,
    settings,
    decide,
    metric,
    difference,
    domain,
    ...brushing,
    selected: useMemo(() => parsePlace(sel), [sel]),
    at: runs.find(({ id }) => id === at),
    pins: useMemo(() => listOf(pins).flatMap((text) => parsePlace(text) ?? []), [pins]),
    marks: search.marks !== "off",
    folded,
    heat,
  };
}

function useUpdate(): CompareModel["update"] {
  const navigate = useNavigate();
  return useCallback(
    (patch, quiet = false) =>
      void navigate({
        to: "/compare",
        search: (before) => ({ ...(before as CompareSearch), ...patch }),
        replace: quiet,
        resetScroll: false,
      }),
    [navigate],
  );
}

function useRows(search: CompareSearch) {
  const engine = useEngine();
  const allRuns = useQuery(runsQuery(engine));
  const all = allRuns.data ?? noRuns;
  const { shown, others } = useMemo(
    () => chooseRuns(all, { runs: search.runs, base: search.base }),
    [all, search.runs, search.base],
  );
  const runs = useStable(shown);
  const asked = useMemo(() => runs.map(({ id }) => id), [runs]);
  const answer = useQuery({ ...rowsQuery(engine, asked), placeholderData: keepPreviousData });
  const failure = allRuns.error ?? answer.error;
  const waiting = allRuns.isPending || (runs.length > 0 && answer.isPending);
  return {
    all,
    runs,
    others,
    rows: answer.data ?? noRows,
    state: stateOf(failure !== null && answer.data === undefined, waiting, runs.length),
    error: failure ? toErrorDocument(failure) : undefined,
    stale: answer.isPlaceholderData,
    retry: () => {
      void allRuns.refetch();
      void answer.refetch();
    },
  };
}

function stateOf(failed: boolean, waiting: boolean, runs: number): CompareModel["state"] {
  if (failed) return "failed";
  if (waiting) return "loading";
  return runs === 0 ? "empty" : "ready";
}

/** Tracks without new rows keep their identity. */
function useTracks(runs: readonly AppRun[], rows: readonly ModuleRow[]): readonly TrackRows[] {
  const before = useRef<readonly TrackRows[]>([]);
  return useMemo(() => {
    before.current = splitTracks(runs, rows, before.current);
    return before.current;
  }, [runs, rows]);
}

function useBrush(layers: string | undefined, count: number, update: CompareModel["update"]) {
  const [draft] = useState(createBrushDraft);
  const brush = useMemo(() => parseBrush(layers, count), [layers, count]);
  const setBrush = useCallback(
    (next: Brush | undefined) => {
      update({ layers: brushText(next, count) }, true);
      draft.set(undefined);
    },
    [update, count, draft],
  );
  return { brush, draft, setBrush };
}
