/**
 * Renders the measured tables of demo/README.md from demo/results.json.
 * `node tools/make-demo/table.ts` puts them between the file's two markers.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SKILLS = ["facts", "arithmetic", "grammar", "kinds"] as const;

/** Accuracies of the old skills, their mean, the new skill, and the loss per token on unseen old text. */
type Measured = Record<(typeof SKILLS)[number] | "old" | "new" | "text_loss", number>;

export interface RunRow extends Measured {
  name: string;
  method: string;
  learning_rate: number;
  rank: number;
  seed: number;
  intruders: number;
  matrices: number;
  effective_rank: number;
  relative_change: number;
  forgetting: number;
}

export interface ScalingRow extends Measured {
  factor: number;
  arm: string;
  forgetting: number;
}

export interface DemoResults {
  base: Measured;
  runs: RunRow[];
  scaling: Record<string, ScalingRow[]>;
  versions: Record<string, string>;
}

const MARKERS = ["<!-- tables: begin -->", "<!-- tables: end -->"] as const;

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly string[][]): string =>
  [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");

/** Mean over the seeds, with the range where there is more than one. */
function meanAndRange(values: readonly number[], digits: number): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return mean.toFixed(digits);
  return `${mean.toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;
}

function runCells(name: string, seeds: readonly RunRow[]): string[] {
  const of = (pick: (row: RunRow) => number, digits: number): string => meanAndRange(seeds.map(pick), digits);
  const skills = SKILLS.map((skill) => of((row) => row[skill], 2).replace(/ .*/, ""));
  return [
    name,
    String(seeds[0]?.learning_rate),
    of((row) => row.new, 2),
    of((row) => row.old, 2),
    skills.join(" / "),
    of((row) => row.forgetting, 2),
    seeds.map((row) => row.intruders).join(", "),
    of((row) => row.effective_rank, 1).replace(/ .*/, ""),
    of((row) => row.relative_change, 3).replace(/ .*/, ""),
  ];
}

function runTable({ base, runs }: DemoResults): string {
  const head = ["run", "rate", "new task", "old tasks", "facts / sums / grammar / kinds", "forgetting"];
  const skills = SKILLS.map((skill) => base[skill].toFixed(2)).join(" / ");
  const baseCells = ["base", "", base.new.toFixed(2), base.old.toFixed(2), skills, "0", "", "", ""];
  const groups = Map.groupBy(runs, (row) => row.name);
  const rows = [...groups].map(([name, seeds]) => runCells(name, seeds));
  return table([...head, "intruders by seed", "effective rank", "relative change"], [baseCells, ...rows]);
}

function scalingTable(name: string, rows: readonly ScalingRow[], whole: RunRow): string {
  const cell = (row: RunRow | ScalingRow): string =>
    [row.new, row.old, row.forgetting].map((value) => value.toFixed(2)).join(" / ");
  const factors = [...new Set(rows.map((row) => row.factor))];
  const arms = [...Map.groupBy(rows, (row) => row.arm)];
  const body = arms.map(([arm, cells]) => [arm.replace("_", " "), ...cells.map(cell), cell(whole)]);
  return table([name, ...factors.map(String), "1 (untouched)"], body);
}

/** All tables in Markdown. */
export function renderTables(results: DemoResults): string {
  const scalings = Object.entries(results.scaling).map(([name, rows]) => {
    const whole = results.runs.find((run) => run.name === name && run.seed === 1);
    if (!whole) throw new Error(`results.json scales ${name}, but holds no such run`);
    return scalingTable(name, rows, whole);
  });
  return [runTable(results), ...scalings].join("\n\n");
}

/** The document with everything between its two markers replaced by the tables. */
export function insertTables(document: string, tables: string): string {
  const [begin, end] = MARKERS.map((marker) => document.indexOf(marker)) as [number, number];
  if (begin < 0 || end < begin) throw new Error(`the document lacks ${MARKERS.join(" and ")}`);
  return `${document.slice(0, begin + MARKERS[0].length)}\n\n${tables}\n\n${document.slice(end)}`;
}

if (import.meta.main) {
  const demo = join(import.meta.dirname, "../../demo");
  const results = JSON.parse(readFileSync(join(demo, "results.json"), "utf8")) as DemoResults;
  const readme = join(demo, "README.md");
  writeFileSync(readme, insertTables(readFileSync(readme, "utf8"), renderTables(results)));
}
