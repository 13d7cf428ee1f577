/** The list of stored runs, newest last change first as the store gives them. */
import type { StoredRun } from "../../contract/api.ts";
import { formatCount } from "../../contract/format.ts";
import { shortText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { type Column, tableLines } from "../terminal/table.ts";

const columns: readonly Column[] = [
  { title: "run", align: "left", flexible: { minimum: 8 } },
  { title: "kind", align: "left" },
  { title: "state", align: "left" },
  { title: "modules", align: "right", droppable: 1 },
  { title: "finished", align: "left", droppable: 2 },
  { title: "tuned", align: "left", flexible: { minimum: 10 }, droppable: 3 },
  { title: "base", align: "left", flexible: { minimum: 10 }, droppable: 4 },
  // Whole or not at all: a part of an id names nothing.
  { title: "id", align: "left", droppable: 5 },
];

export function storedRunsText(runs: readonly StoredRun[], width: number, style: Style): string {
  if (runs.length === 0) return "No runs are stored yet. `deltascope demo` makes some.\n";
  const [head = "", ...lines] = tableLines(columns, runs.map(row), width);
  return `${[style.dim(head), ...lines].join("\n")}\n`;
}

function row(run: StoredRun): string[] {
  return [
    shortText(run.label),
    run.kind,
    run.shard === null ? run.state : `${run.state}, part ${run.shard.index}/${run.shard.count}`,
    formatCount(run.modules),
    run.finishedAt === null ? "–" : run.finishedAt.slice(0, 16).replace("T", " "),
    shortText(run.path),
    shortText(run.basePath),
    shortText(run.id),
  ];
}
