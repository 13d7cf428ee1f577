import { createHash } from "node:crypto";
import { own } from "../../../source/read-json.ts";
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
      // The publishers' own repository, google/boolq, calls it otherwise.
      gold: labelOf(row, own(row, "label") === undefined && own(row, "answer") !== undefined ? "answer" : "label"),
      // Questions on one passage are not independent.
      group: createHash("sha256").update(passage).digest("hex").slice(0, 16),
    };
  },
};
