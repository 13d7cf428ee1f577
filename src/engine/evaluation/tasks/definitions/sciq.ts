import { trimStart } from "../../text-rules.ts";
import { type Definition, textOf } from "./definition.ts";

export const sciq: Definition = {
  key: "sciq",
  title: "SciQ",
  kind: "choice",
  metric: "acc_norm",
  repository: "allenai/sciq",
  configuration: undefined,
  split: "test",
  items: 1000,
  columns: undefined,
  convert: (row) => ({
    context: `${trimStart(textOf(row, "support"))}\nQuestion: ${textOf(row, "question")}\nAnswer:`,
    choices: ["distractor1", "distractor2", "distractor3", "correct_answer"].map((column) => textOf(row, column)),
    gold: 3,
  }),
};
