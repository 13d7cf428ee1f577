/** The cells of every track at the metric in sight; a track is computed again only when its own rows change. */
import { useMemo, useRef } from "react";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import type { CompareModel } from "../compare-model.ts";
import { type Cell, trackCells } from "../model/cells.ts";
import { differenceRows } from "../model/difference.ts";
import type { TrackRows } from "../model/grid.ts";

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

export function useHeatTracks(compare: CompareModel): readonly HeatTrack[] {
  const { tracks, grid, metric, decide, folded, difference } = compare;
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
    return tracks.map((source) => {
      const rows = remembered(source.run.id, [source, grid, metric, decide], () =>
        trackCells(source, grid, { metric, decide }),
      );
      return { run: source.run, letter: source.run.letter, rows, source, folded: folded.has(source.run.id) };
    });
  }, [tracks, grid, metric, decide, folded, difference]);
}
