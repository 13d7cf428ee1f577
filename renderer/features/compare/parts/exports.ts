/** What the view gives away: rows in sight, whole comparisons, pictures, the command. */
import type { ExportFormat } from "../../../../src/contract/api.ts";
import { analyzeCommand } from "../../../../src/contract/command-line.ts";
import { chartGroup, csvFile } from "../../../charts/chart-exports.ts";
import type { Shelf } from "../../../charts/chart-shelf.tsx";
import type { EngineClient } from "../../../client/engine.ts";
import type { Host } from "../../../host/host.ts";
import { announce } from "../../../widgets/announce.ts";
import { copyText } from "../../../widgets/copy-button.tsx";
import type { ExportGroup, ExportItem } from "../../../widgets/export-menu.tsx";
import type { CompareModel } from "../compare-model.ts";
import { matches } from "../filter/matches.ts";
import { parseFilter } from "../filter/parse.ts";
import { inBrush } from "../model/brush.ts";
import { parseSort, sortRows } from "../model/sort.ts";
import { columns, tableRows } from "../model/table-rows.ts";
import { rowsAsTable } from "../model/tsv.ts";

interface Exporter {
  compare: CompareModel;
  engine: EngineClient;
  host: Host;
  shelf: Shelf | undefined;
}

export function exportGroups(exporter: Exporter): ExportGroup[] {
  const { compare, host, shelf } = exporter;
  const save = (name: string, content: Blob) => host.save(name, content);
  const rows = () => csvFile(rowsAsTable(rowsInSight(compare), columns));
  const charts = compare.search.as === "table" ? [] : chartGroups(compare, shelf, save);
  return [
    {
      label: "This view",
      items: [
        { label: "Rows in sight as CSV", onSelect: () => save("compare-rows.csv", rows()) },
        { label: "Copy as command", onSelect: () => copyCommand(compare) },
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
    ...charts,
  ];
}

function chartGroups({ selected }: CompareModel, shelf: Shelf | undefined, save: Host["save"]): ExportGroup[] {
  return [
    chartGroup("heatmap", "Heatmap", shelf, save),
    chartGroup("layer-profile", "Layer profile", shelf, save),
    ...(selected ? [chartGroup("delta-spectra", "Singular values of ΔW", shelf, save)] : []),
  ];
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
  const command = analyzeCommand({
    base: runs[0]?.base.path ?? "",
    tuned: runs.map(({ label, path }) => ({ label, path })),
    settings: { ...settings, asMerged: runs.some(({ asMerged }) => asMerged) },
    layers: search.layers === undefined || grid.layers.length === 0 ? undefined : brush,
    kinds: chosenKinds,
  });
  const copied = await copyText(command);
  announce(copied ? "Command copied." : "The browser refused the clipboard.");
}
