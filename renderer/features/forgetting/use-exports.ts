/** What can be taken away from Forgetting: rows, flips, the document, the sweep's chart, the command. */
import { shellWord } from "../../../src/contract/command-line.ts";
import type { AuditDocument, AuditSpec } from "../../../src/contract/domain/audit.ts";
import { chartGroup, csvFile } from "../../charts/chart-exports.ts";
import { useChartShelf } from "../../charts/chart-shelf.tsx";
import { useHost } from "../../host/host.ts";
import { announce } from "../../widgets/announce.ts";
import { copyText } from "../../widgets/copy-button.tsx";
import type { ExportGroup } from "../../widgets/export-menu.tsx";
import { sweepChart } from "./model/sweep.ts";
import type { ForgettingModel } from "./use-forgetting.ts";

export function useForgettingExports(model: ForgettingModel): () => ExportGroup[] {
  const host = useHost();
  const shelf = useChartShelf();
  const save = (name: string, content: Blob) => host.save(name, content);
  return () => {
    const { document, question, spec, swept, lambda } = model;
    if (!document || !question || !spec) return [];
    const charts = shelf?.charts().some(({ name }) => name === sweepChart) ?? false;
    return [
      {
        label: "This view",
        items: [
          { label: "Table as CSV", onSelect: () => save("forgetting.csv", csvFile(rowsTable(document))) },
          { label: "Flips as CSV", onSelect: () => save("flips.csv", csvFile(flipsTable(document))) },
          { label: "Audit document as JSON", onSelect: () => save("audit.json", jsonFile(document)) },
          {
            label: "Copy as command",
            onSelect: async () =>
              announce((await copyText(auditCommand({ ...spec, ...asked(question) }))) ? "Copied." : "Not copied."),
          },
        ],
      },
      {
        label: "Weights",
        items: [
          {
            label: "Checkpoint or adapter at λ",
            disabled: !swept || lambda === undefined || lambda === 1,
            onSelect: () => model.change({ sheet: "export" }),
          },
        ],
      },
      ...(charts ? [chartGroup(sweepChart, "λ sweep", shelf, save)] : []),
    ];
  };
}

/** The view looks everything up; the command measures what was asked for. */
function asked({ lambdas, arms }: AuditSpec): Pick<AuditSpec, "lambdas" | "arms"> {
  return { lambdas, arms };
}

function jsonFile(value: unknown): Blob {
  return new Blob([JSON.stringify(value, null, 2)], { type: "application/json" });
}

function rowsTable({ rows }: AuditDocument) {
  const head = ["label", "task", "role", "metric", "arm", "lambda", "items", "value", "base_value", "difference"];
  return [
    [...head, "ci95_low", "ci95_high", "lost", "gained", "mcnemar_p", "adjusted_p", "chance_adjusted", "note"],
    ...rows.map((row) => [
      ...[row.label, row.task, row.role, row.metric, row.arm, row.lambda, row.items, row.value, row.baseValue],
      ...[row.difference, row.ci95?.[0], row.ci95?.[1], row.lost, row.gained, row.mcnemarP, row.adjustedP],
      ...[row.chanceAdjusted, row.note],
    ]),
  ];
}

function flipsTable({ flips }: AuditDocument) {
  return [
    ["label", "task", "index", "arm", "lambda", "kind", "from", "to", "gold_change_nats", "near_tie"],
    ...flips.map((flip) => [
      ...[flip.label, flip.task, flip.index, flip.arm, flip.lambda, flip.kind, flip.from, flip.to],
      ...[flip.goldChange, flip.nearTie],
    ]),
  ];
}

/** `deltascope audit …` for a question, each value quoted. */
export function auditCommand({ base, tuned, tasks, settings, lambdas, arms, which }: AuditSpec): string {
  const words = ["deltascope", "audit", "--base", shellWord(base)];
  for (const { label, path } of tuned) words.push("--tuned", shellWord(`${label}=${path}`));
  for (const { role, name, file } of tasks)
    words.push(role === "new" ? "--task" : "--retain", shellWord(`${name}=${file}`));
  if (lambdas.length > 0) words.push("--lambda", lambdas.join(","), "--arms", arms.join(","));
  if (lambdas.length > 0 && typeof which === "string") words.push("--which", which);
  if (settings.limit !== undefined) words.push("--limit", String(settings.limit), "--seed", String(settings.seed));
  return words.join(" ");
}
