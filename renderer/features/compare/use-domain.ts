/** The colour domain of what is shown: it may widen while results arrive, never jumps back, and can be locked. */
import { useMemo, useRef } from "react";
import type { Domain } from "../../charts/scale.ts";
import type { Difference } from "./model/difference.ts";
import { differenceDomain, domainOf, parseDomain, widen } from "./model/domain.ts";
import type { Grid } from "./model/grid.ts";
import type { Metric } from "./model/metrics.ts";
import type { TestSettings } from "./model/test-settings.ts";
import type { CompareSearch } from "./search.ts";
import type { HeatTrack } from "./use-heat-tracks.ts";

/** Scales while there is nothing to show. */
const emptyLog: Domain = { low: 0.01, high: 1, log: true };
const emptyLinear: Domain = { low: 0, high: 1, log: false };

interface Question {
  search: CompareSearch;
  heat: readonly HeatTrack[];
  grid: Grid;
  metric: Metric;
  difference: Difference | undefined;
  settings: TestSettings;
}

export function useDomain({ search, heat, grid, metric, difference, settings }: Question): Domain {
  const locked = useMemo(
    () => (search.scale === "lock" ? parseDomain(search.domain) : undefined),
    [search.scale, search.domain],
  );
  const log = metric.log && search.scale !== "lin";
  const now = useMemo(() => {
    const values = valuesOf(heat);
    return difference ? differenceDomain(values, metric.log) : domainOf(metric, values, log);
  }, [heat, metric, difference, log]);
  const runs = heat.map(({ run }) => run.id).join();
  const pair = difference ? `${difference.first.id} ${difference.second.id}` : "";
  const key = [runs, grid.kinds.join(), metric.id, pair, log, settings.k, settings.epsilon, settings.side].join(" ");
  const kept = useRef<{ key: string; domain: Domain | undefined }>(undefined);
  const domain = kept.current?.key === key ? widen(kept.current.domain, now) : now;
  kept.current = { key, domain };
  return locked ?? domain ?? (log && !difference ? emptyLog : emptyLinear);
}

function valuesOf(heat: readonly HeatTrack[]): number[] {
  const values: number[] = [];
  for (const { rows } of heat) {
    for (const { cells } of rows) for (const { value } of cells) if (value !== null) values.push(value);
  }
  return values;
}
