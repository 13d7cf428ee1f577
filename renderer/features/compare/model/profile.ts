/** Median of a metric per layer and run: the lines under the heatmap. */
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { median } from "../../../../src/contract/statistics.ts";
import { type Grid, placeKey, type TrackRows } from "./grid.ts";
import type { Metric } from "./metrics.ts";
import type { Decider } from "./test-settings.ts";

export interface ProfileLine {
  run: AppRun;
  points: { layer: number; value: number; modules: number }[];
}

/** Fewer than this share of a layer's modules give no median yet. */
const enoughShare = 0.5;

/** Layers without a value are left out. */
export function layerProfile(tracks: readonly TrackRows[], grid: Grid, metric: Metric, decide: Decider): ProfileLine[] {
  return tracks.map((track) => {
    const layers = grid.layers.map((layer) => layerValues(track, layer, grid, metric, decide));
    const most = layers.reduce((count, values) => Math.max(count, values.length), 0);
    const points = layers.flatMap((values, layer) => {
      const value = median(values);
      return value === undefined || values.length < most * enoughShare
        ? []
        : [{ layer, value, modules: values.length }];
    });
    return { run: track.run, points };
  });
}

function layerValues(track: TrackRows, layer: number, grid: Grid, metric: Metric, decide: Decider): number[] {
  return grid.kinds.flatMap((kind) =>
    (track.at.get(placeKey(layer, kind)) ?? []).flatMap((row) => {
      const value = row.status === "measured" ? metric.value(row, decide(row)) : null;
      return value === null || (metric.log && value <= 0) ? [] : [value];
    }),
  );
}
