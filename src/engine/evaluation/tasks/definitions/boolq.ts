import { createHash } from "node:crypto";
import { type Definition, labelOf, textOf } from "./definition.ts";

export const boolq: Definition = {
  key: "boolq",
  title: "BoolQ",
  kind: "choice",
  metric: "acc",
  repository: "aps/super_glue",
  configuration: "boolq",
  split: "validation",
  items: 3270,
  columns: undefined,
  convert(row) {
    const passage = textOf(row, "passage");
    return {
      context: `${passage}\nQuestion: ${textOf(row, "question")}?\nAnswer:`,
      choices: ["no", "yes"],
      gold: labelOf(row, "label"),
      // Questions on one passage are not independent.
      group: createHash("sha256").update(passage).digest("hex").slice(0, 16),
    };
  },
};
