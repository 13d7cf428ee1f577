/** What can be taken away from a sweep: its cells, its document, its chart. */
import type { SweepDocument } from "../../../src/contract/domain/training.ts";
import { chartGroup, csvFile } from "../../charts/chart-exports.ts";
import { useChartShelf } from "../../charts/chart-shelf.tsx";
import { useHost } from "../../host/host.ts";
import type { ExportGroup } from "../../widgets/export-menu.tsx";

export function useSweepExports(document: SweepDocument): () => ExportGroup[] {
  const host = useHost();
  const shelf = useChartShelf();
  const save = (name: string, content: Blob) => host.save(name, content);
  return () => [
    {
      label: "This view",
      items: [
        { label: "Runs as CSV", onSelect: () => save("sweep.csv", csvFile(cellsTable(document))) },
        {
          label: "Sweep document as JSON",
          onSelect: () =>
            save("sweep.json", new Blob([JSON.stringify(document, null, 2)], { type: "application/json" })),
        },
      ],
    },
    ...(shelf?.charts() ?? []).map(({ name, title }) => chartGroup(name, title, shelf, save)),
  ];
}

function cellsTable({ cells }: SweepDocument) {
  return [
    [
      "variant",
      "seed",
      "noise",
      "subset",
      "learning_rate",
      "run",
      "state",
      "accuracy",
      "old_tasks",
      "intruders",
    ].concat(["effective_rank", "validation_loss"]),
    ...cells.map((cell) => [
      ...[cell.variant, cell.seed, cell.noise, cell.subset, cell.learningRate, cell.run?.id, cell.run?.state],
      ...[cell.accuracy, cell.oldTasks, cell.intruders, cell.effectiveRank, cell.validationLoss],
    ]),
  ];
}
