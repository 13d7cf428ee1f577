/** What can be taken away from Spectra & rank: the ranks as a table, every chart, and the command. */
import { analyzeCommand } from "../../../src/contract/command-line.ts";
import { formatCount, formatEffectiveRank } from "../../../src/contract/format.ts";
import { median } from "../../../src/contract/statistics.ts";
import { chartGroup, csvFile } from "../../charts/chart-exports.ts";
import { useChartShelf } from "../../charts/chart-shelf.tsx";
import { type PinSource, usePinGroup } from "../../charts/pin-group.ts";
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
  const pinGroup = usePinGroup();
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
    pinGroup(pinSource(model)),
    chartGroup(chartNames.fans, "E(k) of every run", shelf, save),
    chartGroup(chartNames.ranks, "Effective rank by layer", shelf, save),
    chartGroup(chartNames.tail, "Tail", shelf, save),
  ];
}

function pinSource({ spectra, definition, kind }: SpectraModel): PinSource {
  const rows = spectra.flatMap(({ run, rows: own, squared }) => {
    const ranks = own.flatMap((row) => rankOf(row, definition, squared) ?? []);
    const size = ranks.length === 0 ? "–" : formatEffectiveRank(median(ranks));
    return [[`${run.letter} ${run.label}`, formatCount(own.length), size]];
  });
  return {
    view: "spectra",
    title: `Spectra & rank ${spectra.map(({ run }) => run.letter).join(", ")}`,
    runs: spectra.map(({ run }) => run.id),
    words: {
      label: "Median ranks",
      read: () => ({
        sentences: [`Effective rank (${definition}), curves of ${kind ?? "all kinds"}.`],
        table: { columns: ["Run", "Modules", "Median effective rank"], rows },
      }),
    },
    charts: [
      { name: chartNames.fans, title: "E(k) of every run" },
      { name: chartNames.ranks, title: "Effective rank by layer" },
      { name: chartNames.tail, title: "Tail" },
    ],
  };
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
