/** The colour domain of what is shown: it may widen while results arrive, never jumps back, and can be locked. */
import { useMemo, useRef } from "react";
import type { Domain } from "../../charts/scale.ts";
import { type Cell, trackCells } from "./model/cells.ts";
import { type Difference, differenceRows } from "./model/difference.ts";
import { differenceDomain, domainOf, parseDomain, widen } from "./model/domain.ts";
import type { Grid, TrackRows } from "./model/grid.ts";
import type { Metric } from "./model/metrics.ts";
import type { Decider, TestSettings } from "./model/test-settings.ts";
import type { CompareSearch } from "./search.ts";

/** Scales while there is nothing to show. */
const emptyLog: Domain = { low: 0.01, high: 1, log: true };
const emptyLinear: Domain = { low: 0, high: 1, log: false };

interface Question {
  search: CompareSearch;
  tracks: readonly TrackRows[];
  grid: Grid;
  metric: Metric;
  difference: Difference | undefined;
  decide: Decider;
  settings: TestSettings;
}

export function useDomain(question: Question): Domain {
  const { search, tracks, grid, metric, difference, decide, settings } = question;
  const locked = useMemo(
    () => (search.scale === "lock" ? parseDomain(search.domain) : undefined),
    [search.scale, search.domain],
  );
  const log = metric.log && search.scale !== "lin";
  const now = useMemo(
    () =>
      difference
        ? differenceDomain(differences(tracks, grid, difference, decide), metric.log)
        : domainOf(metric, valuesOf(tracks, grid, metric, decide), log),
    [tracks, grid, metric, difference, decide, log],
  );
  const runs = tracks.map(({ run }) => run.id).join();
  const pair = difference ? `${difference.first.id} ${difference.second.id}` : "";
  const key = [runs, grid.kinds.join(), metric.id, pair, log, settings.k, settings.epsilon, settings.side].join(" ");
  const kept = useRef<{ key: string; domain: Domain | undefined }>(undefined);
  const domain = kept.current?.key === key ? widen(kept.current.domain, now) : now;
  kept.current = { key, domain };
  return locked ?? domain ?? (log && !difference ? emptyLog : emptyLinear);
}

function valuesOf(tracks: readonly TrackRows[], grid: Grid, metric: Metric, decide: Decider): number[] {
  return tracks.flatMap((track) => numbers(trackCells(track, grid, { metric, decide })));
}

function differences(tracks: readonly TrackRows[], grid: Grid, { first, second, metric }: Difference, decide: Decider) {
  const a = tracks.find(({ run }) => run === first);
  const b = tracks.find(({ run }) => run === second);
  return a && b ? numbers(differenceRows(a, b, grid, metric, decide)) : [];
}

function numbers(rows: readonly { cells: readonly Cell[] }[]): number[] {
  return rows.flatMap(({ cells }) => cells.flatMap(({ value }) => (value === null ? [] : [value])));
}
