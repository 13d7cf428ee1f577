/** The numbers of the heatmap as a table: one line per run and kind, one column per layer. */
import type { ChartTable } from "../../../charts/chart-table.ts";
import type { CompareModel } from "../compare-model.ts";
import type { HeatTrack } from "../use-heat-tracks.ts";

export function heatTable(
  { grid, difference }: Pick<CompareModel, "grid" | "difference">,
  tracks: readonly HeatTrack[],
): ChartTable {
  const name = (track: HeatTrack) =>
    difference ? `${difference.first.label} against ${difference.second.label}` : track.run.label;
  return {
    columns: ["run", "kind", ...grid.layers.map((layer) => `layer ${layer}`)],
    rows: tracks.flatMap((track) =>
      track.rows.map(({ kind, cells }) => {
        const values = cells.map(({ value }) => value);
        // A module outside the layers has one value for its row.
        const filled =
          cells.length === grid.layers.length ? values : [values[0] ?? null, ...grid.layers.slice(1).map(() => null)];
        return [name(track), kind, ...filled];
      }),
    ),
  };
}
