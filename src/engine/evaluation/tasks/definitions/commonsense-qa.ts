import { trim } from "../../text-rules.ts";
import { type Definition, placeOf, questionWithChoices, textOf } from "./definition.ts";

const LETTERS = ["A", "B", "C", "D", "E"];

export const commonsenseQa: Definition = {
  key: "commonsense_qa",
  title: "CommonsenseQA",
  kind: "choice",
  metric: "acc",
  repository: "tau/commonsense_qa",
  configuration: undefined,
  split: "validation",
  items: 1221,
  columns: undefined,
  convert(row) {
    const { question, texts } = questionWithChoices(row, "question");
    const lines = LETTERS.map((letter, index) => `${letter}. ${texts[index] ?? ""}`);
    return {
      context: `Question: ${trim(question)}\n${lines.join("\n")}\nAnswer:`,
      choices: LETTERS,
      gold: placeOf(textOf(row, "answerKey"), LETTERS, "answerKey"),
    };
  },
};
