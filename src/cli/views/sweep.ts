/** A sweep on a terminal: its runs, then means over seeds. */
import type { SweepCell, SweepDocument } from "../../contract/domain/training.ts";
import {
  formatAccuracy,
  formatCount,
  formatEffectiveRank,
  formatLoss,
  formatSignificant,
} from "../../contract/format.ts";
import { shortText, visibleText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { type Column, tableLines } from "../terminal/table.ts";

type Outcome = SweepDocument["outcome"][number];
type Point = Outcome["series"][number]["points"][number];

const cellColumns: readonly Column[] = [
  { title: "variant", align: "left", flexible: { minimum: 8 } },
  { title: "seed", align: "right" },
  { title: "noise", align: "right", droppable: 2 },
  { title: "examples", align: "right", droppable: 3 },
  { title: "rate", align: "right", droppable: 1 },
  { title: "state", align: "left" },
  { title: "validation", align: "right" },
  { title: "new", align: "right" },
  { title: "old", align: "right" },
  { title: "intruders", align: "right" },
  { title: "rank", align: "right" },
];

export function sweepText(document: SweepDocument, width: number, style: Style): string {
  const [head = "", ...rows] = tableLines(cellColumns, document.cells.map(cellRow), width);
  const best = document.bestRates.map(
    ({ variant, learningRate, validationLoss }) =>
      `${visibleText(variant)}: ${formatSignificant(learningRate)} (held-out loss ${formatLoss(validationLoss)})`,
  );
  const lines = [
    style.bold(visibleText(document.spec.name)),
    visibleText(document.folder),
    "",
    style.dim(head),
    ...rows,
    ...(best.length === 0 ? [] : ["", style.dim("learning rate with the lowest held-out loss"), ...best]),
    ...document.outcome.flatMap((outcome) => outcomeLines(outcome, width, style)),
  ];
  return `${lines.join("\n")}\n`;
}

function cellRow(cell: SweepCell): string[] {
  return [
    shortText(cell.variant),
    formatCount(cell.seed),
    formatSignificant(cell.noise),
    cell.subset === null ? "all" : formatCount(cell.subset),
    formatSignificant(cell.learningRate),
    cell.run?.state ?? "–",
    formatLoss(cell.validationLoss),
    cell.accuracy === null ? "–" : formatAccuracy(cell.accuracy),
    cell.oldTasks === null ? "–" : formatAccuracy(cell.oldTasks),
    cell.intruders === null ? "–" : formatCount(cell.intruders),
    formatEffectiveRank(cell.effectiveRank),
  ];
}

const outcomeColumns: readonly Column[] = [
  { title: "variant", align: "left", flexible: { minimum: 8 } },
  { title: "at", align: "right" },
  { title: "mean", align: "right" },
  { title: "95 % interval", align: "left" },
  { title: "seeds", align: "right" },
];

const titles = {
  accuracy: "new tasks",
  oldTasks: "old tasks",
  intruders: "intruders",
  effectiveRank: "effective rank",
};

function outcomeLines({ axis, measure, series }: Outcome, width: number, style: Style): string[] {
  const rows = series.flatMap(({ variant, points }) => points.map((point) => outcomeRow(variant, point, measure)));
  if (rows.length === 0) return [];
  const [head = "", ...lines] = tableLines(outcomeColumns, rows, width);
  return ["", style.bold(`${titles[measure]} against ${axis}`), style.dim(head), ...lines];
}

function outcomeRow(variant: string, { x, mean, low, high, seeds }: Point, measure: Outcome["measure"]): string[] {
  const isShare = measure === "accuracy" || measure === "oldTasks";
  const number = (value: number): string => (isShare ? formatAccuracy(value) : formatSignificant(value));
  const interval = low === null || high === null ? "–" : `${number(low)} to ${number(high)}`;
  return [shortText(variant), formatSignificant(x), number(mean), interval, formatCount(seeds)];
}
