/** What can be taken away from the Inspector: numbers of the module, its charts, and the command. */
import type { ModuleMeasures } from "../../../src/contract/domain/analysis.ts";
import type { AppRun } from "../../../src/contract/domain/cells.ts";
import { chartGroup, csvFile } from "../../charts/chart-exports.ts";
import { useChartShelf } from "../../charts/chart-shelf.tsx";
import { useHost } from "../../host/host.ts";
import { announce } from "../../widgets/announce.ts";
import { copyText } from "../../widgets/copy-button.tsx";
import type { ExportGroup } from "../../widgets/export-menu.tsx";
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
  const save: Save = (name, content) => host.save(name, content);
  return (source) => [
    { label: "This module", items: moduleItems(source, save) },
    ...source.charts.map(({ name, title }) => chartGroup(name, title, shelf, save)),
  ];
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
