import { type Definition, labelOf, textOf } from "./definition.ts";

export const piqa: Definition = {
  key: "piqa",
  title: "PIQA",
  kind: "choice",
  metric: "acc_norm",
  repository: "baber/piqa",
  configuration: undefined,
  split: "validation",
  items: 1838,
  columns: undefined,
  convert: (row) => ({
    context: `Question: ${textOf(row, "goal")}\nAnswer:`,
    choices: [textOf(row, "sol1"), textOf(row, "sol2")],
    gold: labelOf(row, "label"),
  }),
};
