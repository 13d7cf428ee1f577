/** The cells of every track at the metric in sight; a track is computed again only when its own rows change. */
import { useMemo, useRef } from "react";
import type { AppRun } from "../../../src/contract/domain/cells.ts";
import { type Cell, trackCells } from "./model/cells.ts";
import type { Difference } from "./model/difference.ts";
import { differenceRows } from "./model/difference.ts";
import type { Grid, TrackRows } from "./model/grid.ts";
import type { Metric } from "./model/metrics.ts";
import type { Decider } from "./model/test-settings.ts";

export interface OpenTrack {
  run: AppRun;
  /** Letter in names and test hooks: the run's, or both of a difference. */
  letter: string;
  rows: readonly { kind: string; cells: readonly Cell[] }[];
}

export interface HeatTrack extends OpenTrack {
  source: TrackRows;
  folded: boolean;
}

interface Question {
  tracks: readonly TrackRows[];
  grid: Grid;
  metric: Metric;
  decide: Decider;
  folded: ReadonlySet<string>;
  difference: Difference | undefined;
}

export function useHeatTracks({ tracks, grid, metric, decide, folded, difference }: Question): readonly HeatTrack[] {
  const cache = useRef(new Map<string, { key: readonly unknown[]; rows: HeatTrack["rows"] }>());
  return useMemo(() => {
    const remembered = (id: string, key: readonly unknown[], make: () => HeatTrack["rows"]) => {
      const known = cache.current.get(id);
      if (known && known.key.length === key.length && known.key.every((part, index) => part === key[index]))
        return known.rows;
      const rows = make();
      cache.current.set(id, { key, rows });
      return rows;
    };
    const sourceOf = (run: AppRun) => tracks.find((track) => track.run === run);
    const a = difference && sourceOf(difference.first);
    const b = difference && sourceOf(difference.second);
    if (a && b) {
      const rows = remembered("difference", [a, b, grid, metric, decide], () =>
        differenceRows(a, b, grid, metric, decide),
      );
      return [{ run: a.run, letter: `${a.run.letter}${b.run.letter}`, rows, source: a, folded: false }];
    }
    // Adapters leave no weight of the base unchanged or changed; the question is for full checkpoints.
    const shown = metric.id === "unchanged" ? tracks.filter(({ run }) => run.kind === "full") : tracks;
    return shown.map((source) => {
      const rows = remembered(source.run.id, [source, grid, metric, decide], () =>
        trackCells(source, grid, { metric, decide }),
      );
      return { run: source.run, letter: source.run.letter, rows, source, folded: folded.has(source.run.id) };
    });
  }, [tracks, grid, metric, decide, folded, difference]);
}
