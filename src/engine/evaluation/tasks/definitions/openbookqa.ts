import { trimStart } from "../../text-rules.ts";
import { type Definition, placeOf, questionWithChoices, textOf } from "./definition.ts";

export const openbookqa: Definition = {
  key: "openbookqa",
  title: "OpenBookQA",
  kind: "choice",
  metric: "acc_norm",
  repository: "allenai/openbookqa",
  configuration: "main",
  split: "test",
  items: 500,
  columns: undefined,
  convert(row) {
    const { question, texts, labels } = questionWithChoices(row, "question_stem");
    const gold = placeOf(trimStart(textOf(row, "answerKey")), labels, "answerKey");
    return { context: question, choices: texts, gold };
  },
};
