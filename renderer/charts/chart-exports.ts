/** Entries of an export menu for one chart: picture, drawing, numbers. */

import { csvOf } from "../../src/contract/csv.ts";
import type { Shelf } from "./chart-shelf.tsx";
import { pngOf, svgOf } from "./export-chart.ts";

type Save = (name: string, content: Blob) => Promise<void>;

interface ChartGroup {
  label: string;
  items: { label: string; onSelect: () => Promise<void> }[];
}

/** @param name file stem and name on the shelf; the chart is looked up when an entry is chosen */
export function chartGroup(name: string, label: string, shelf: Shelf | undefined, save: Save): ChartGroup {
  const chart = () => {
    const found = shelf?.charts().find((candidate) => candidate.name === name);
    if (!found) throw new Error(`The chart “${label}” is not on screen.`);
    return found;
  };
  return {
    label,
    items: [
      { label: "PNG", onSelect: async () => save(`${name}.png`, await pngOf(chart().element)) },
      { label: "SVG", onSelect: async () => save(`${name}.svg`, svgFile(svgOf(chart().element))) },
      {
        label: "CSV",
        onSelect: async () => save(`${name}.csv`, csvFile([chart().table.columns, ...chart().table.rows])),
      },
    ],
  };
}

function svgFile(text: string): Blob {
  return new Blob([text], { type: "image/svg+xml" });
}

export function csvFile(rows: Parameters<typeof csvOf>[0]): Blob {
  return new Blob([csvOf(rows)], { type: "text/csv;charset=utf-8" });
}
