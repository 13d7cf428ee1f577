/** What the view gives away: rows in sight, whole comparisons, pictures, the command. */
import type { ExportFormat } from "../../../../src/contract/api.ts";
import type { Shelf } from "../../../charts/chart-shelf.tsx";
import { csvOf, pngOf, svgOf } from "../../../charts/export-chart.ts";
import type { EngineClient } from "../../../client/engine.ts";
import type { Host } from "../../../host/host.ts";
import { announce } from "../../../widgets/announce.ts";
import { copyText } from "../../../widgets/copy-button.tsx";
import type { ExportGroup, ExportItem } from "../../../widgets/export-menu.tsx";
import type { CompareModel } from "../compare-model.ts";
import { matches } from "../filter/matches.ts";
import { parseFilter } from "../filter/parse.ts";
import { inBrush } from "../model/brush.ts";
import { commandOf } from "../model/command.ts";
import { parseSort, sortRows } from "../model/sort.ts";
import { columns, tableRows } from "../model/table-rows.ts";
import { rowsAsCsv } from "../model/tsv.ts";

interface Exporter {
  compare: CompareModel;
  engine: EngineClient;
  host: Host;
  shelf: Shelf | undefined;
}

export function exportGroups(exporter: Exporter): ExportGroup[] {
  const { compare, host, shelf } = exporter;
  const rows = () => rowsInSight(compare);
  return [
    {
      label: "These rows",
      items: [
        {
          label: "Table as CSV",
          detail: "CSV",
          onSelect: () => host.save("compare-rows.csv", textFile(rowsAsCsv(rows(), columns), "text/csv")),
        },
      ],
    },
    {
      label: "The whole comparison",
      items: [
        rendered(exporter, "csv", "CSV"),
        rendered(exporter, "json", "JSON"),
        rendered(exporter, "parquet", "Parquet"),
        rendered(exporter, "html", "Report"),
      ],
    },
    { label: "Pictures", items: (shelf?.charts() ?? []).flatMap((chart) => pictures(host, chart)) },
    { label: "Elsewhere", items: [{ label: "Copy as command", onSelect: () => copyCommand(compare) }] },
  ].filter(({ items }) => items.length > 0);
}

function rendered({ compare, engine, host }: Exporter, format: ExportFormat, label: string): ExportItem {
  return {
    label: format === "html" ? "Report as HTML" : `All modules as ${label}`,
    async onSelect() {
      const file = await engine.runs.render({ runs: compare.runs.map(({ id }) => id), format });
      const content = file.base64 ? bytesOf(file.content) : file.content;
      await host.save(file.name, new Blob([content], { type: file.mime }));
    },
  };
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function pictures(host: Host, { name, title, element, table }: ReturnType<Shelf["charts"]>[number]): ExportItem[] {
  return [
    { label: `${title} as PNG`, onSelect: async () => host.save(`${name}.png`, await pngOf(element)) },
    { label: `${title} as SVG`, onSelect: () => host.save(`${name}.svg`, textFile(svgOf(element), "image/svg+xml")) },
    {
      label: `${title} as CSV`,
      onSelect: () => host.save(`${name}.csv`, textFile(csvOf([table.columns, ...table.rows]), "text/csv")),
    },
  ];
}

function textFile(text: string, type: string): Blob {
  return new Blob([text], { type: `${type};charset=utf-8` });
}

/** Rows that brush, kinds and filter let through, in the order of the table. */
export function rowsInSight({ tracks, decide, brush, chosenKinds, search }: CompareModel) {
  const filter = parseFilter(search.q ?? "");
  const shown = tableRows(tracks, decide).filter(
    (row) =>
      inBrush(row.row.layer, brush) &&
      (chosenKinds.length === 0 || chosenKinds.includes(row.row.kind)) &&
      matches(filter, row),
  );
  return sortRows(shown, parseSort(search.sort));
}

async function copyCommand({ runs, settings, search, grid, brush, chosenKinds }: CompareModel): Promise<void> {
  const shown = search.layers === undefined || grid.layers.length === 0 ? undefined : brush;
  const copied = await copyText(commandOf({ runs, settings, brush: shown, kinds: chosenKinds }));
  announce(copied ? "Command copied." : "The browser refused the clipboard.");
}
