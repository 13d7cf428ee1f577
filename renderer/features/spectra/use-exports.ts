/** What can be taken away from Spectra & rank: the ranks as a table, every chart, and the command. */
import { analyzeCommand } from "../../../src/contract/command-line.ts";
import { chartGroup, csvFile } from "../../charts/chart-exports.ts";
import { useChartShelf } from "../../charts/chart-shelf.tsx";
import { useHost } from "../../host/host.ts";
import { announce } from "../../widgets/announce.ts";
import { copyText } from "../../widgets/copy-button.tsx";
import type { ExportGroup } from "../../widgets/export-menu.tsx";
import { chartNames } from "./model/chart-names.ts";
import { rankOf } from "./model/ranks.ts";
import { rankDefinitions } from "./search.ts";
import type { SpectraModel } from "./use-spectra.ts";

export function useSpectraExports(model: SpectraModel): ExportGroup[] {
  const host = useHost();
  const shelf = useChartShelf();
  const save = (name: string, content: Blob) => host.save(name, content);
  return [
    {
      label: "This view",
      items: [
        { label: "Ranks of all modules as CSV", onSelect: () => save("effective-ranks.csv", csvFile(rankRows(model))) },
        {
          label: "Copy as command",
          onSelect: async () => announce((await copyText(commandOf(model))) ? "Copied." : "Not copied."),
        },
      ],
    },
    chartGroup(chartNames.fans, "E(k) of every run", shelf, save),
    chartGroup(chartNames.ranks, "Effective rank by layer", shelf, save),
    chartGroup(chartNames.tail, "Tail", shelf, save),
  ];
}

function rankRows({ spectra, definition, kind }: SpectraModel) {
  // The entropy on σ² is there for the modules whose curves are there.
  const known = rankDefinitions.filter(
    (name) => name !== "entropy2" || definition === "entropy2" || kind !== undefined,
  );
  return [
    ["run", "module", "layer", "kind", ...known, "decay_law", "decay_exponent"],
    ...spectra.flatMap(({ run, rows, squared }) =>
      rows.map((row) => [
        ...[run.label, row.name, row.layer, row.kind],
        ...known.map((name) => rankOf(row, name, squared)),
        ...[row.decayLaw, row.decayExponent],
      ]),
    ),
  ];
}

function commandOf({ spectra }: SpectraModel): string {
  const [first] = spectra;
  if (!first) return "deltascope analyze";
  return analyzeCommand({
    base: first.run.base.path,
    tuned: spectra.map(({ run: { label, path } }) => ({ label, path })),
    settings: { k: first.run.k, epsilon: first.run.epsilon, side: first.run.side, asMerged: first.run.asMerged },
  });
}
