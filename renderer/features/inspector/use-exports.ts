/** What can be taken away from the Inspector: numbers of the module, its charts, and the command. */
import type { ModuleMeasures } from "../../../src/contract/domain/analysis.ts";
import type { AppRun } from "../../../src/contract/domain/cells.ts";
import { pinnedRows } from "../../../src/contract/domain/pin.ts";
import { formatCosine, formatCount, formatShare, formatSignificant } from "../../../src/contract/format.ts";
import { chartGroup, csvFile } from "../../charts/chart-exports.ts";
import { useChartShelf } from "../../charts/chart-shelf.tsx";
import { type PinSource, usePinGroup } from "../../charts/pin-group.ts";
import { useHost } from "../../host/host.ts";
import { announce } from "../../widgets/announce.ts";
import { copyText } from "../../widgets/copy-button.tsx";
import type { ExportGroup } from "../../widgets/export-menu.tsx";
import { sentenceOf } from "./model/sentence.ts";
import type { Tested, TestSettings } from "./model/tested.ts";
import { commandOf } from "./parts/provenance-panel.tsx";

type Save = (name: string, content: Blob) => Promise<void>;

export interface ExportSource {
  run: AppRun;
  module: ModuleMeasures;
  tested: Tested | undefined;
  settings: TestSettings;
  /** Stem of all file names. */
  stem: string;
  charts: readonly { name: string; title: string }[];
}

export function useExports(): (source: ExportSource) => ExportGroup[] {
  const host = useHost();
  const shelf = useChartShelf();
  const pinGroup = usePinGroup();
  const save: Save = (name, content) => host.save(name, content);
  return (source) => [
    { label: "This module", items: moduleItems(source, save) },
    pinGroup(pinSource(source)),
    ...source.charts.map(({ name, title }) => chartGroup(name, title, shelf, save)),
  ];
}

function pinSource({ run, module, tested, charts }: ExportSource): PinSource {
  return {
    view: "inspector",
    title: `Inspector ${run.letter} ${module.name}`,
    runs: [run.id],
    words: { label: "Sentence and vectors", read: () => (tested ? testedWords(tested, module) : untestedWords) },
    charts,
  };
}

const untestedWords = { sentences: ["These vectors were not tested for intruders."], table: null };

function testedWords(tested: Tested, { shape }: ModuleMeasures) {
  const { lead, rest } = sentenceOf(tested, shape);
  const rows = tested.vectors
    .slice(0, pinnedRows)
    .map((vector) => [
      ...[formatCount(vector.rank), formatSignificant(vector.singularValue)],
      `${formatCosine(vector.lower)}–${formatCosine(vector.upper)}`,
      vector.intruder === undefined ? "undecided" : vector.intruder ? "yes" : "no",
      formatShare(vector.share),
    ]);
  return {
    sentences: [`${lead} ${rest}`],
    table: { columns: ["Rank in W", "σ", "max |cos|", "Intruder", "Share of ΔW energy"], rows },
  };
}

function moduleItems({ run, module, tested, settings, stem }: ExportSource, save: Save) {
  return [
    {
      label: "Vectors as CSV",
      disabled: !tested,
      onSelect: () => tested && save(`${stem}-vectors.csv`, csvFile(vectorRows(tested))),
    },
    { label: "Everything as JSON", onSelect: () => save(`${stem}.json`, jsonFile(module)) },
    {
      label: "Copy as command",
      onSelect: async () => announce((await copyText(commandOf(run, module, settings))) ? "Copied." : "Not copied."),
    },
  ];
}

function jsonFile(value: unknown): Blob {
  return new Blob([JSON.stringify(value, null, 2)], { type: "application/json" });
}

function vectorRows({ vectors }: Tested) {
  const head = ["rank", "singular_value", "max_cosine_lower", "max_cosine_upper", "intruder", "best_base_vector"];
  return [
    [...head, "delta_share", "p_value", "word"],
    ...vectors.map((vector) => [
      ...[vector.rank, vector.singularValue, vector.lower, vector.upper, vector.intruder, vector.bestBase],
      ...[vector.share, vector.pValue, vector.word],
    ]),
  ];
}
