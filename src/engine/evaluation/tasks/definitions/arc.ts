import { type Definition, placeOf, questionWithChoices, textOf } from "./definition.ts";

function arc(key: string, title: string, configuration: string, items: number): Definition {
  return {
    key,
    title,
    kind: "choice",
    metric: "acc_norm",
    repository: "allenai/ai2_arc",
    configuration,
    split: "test",
    items,
    columns: undefined,
    convert(row) {
      const { question, texts, labels } = questionWithChoices(row, "question");
      return {
        context: `Question: ${question}\nAnswer:`,
        choices: texts,
        gold: placeOf(textOf(row, "answerKey"), labels, "answerKey"),
      };
    },
  };
}

export const arcEasy = arc("arc_easy", "ARC easy", "ARC-Easy", 2376);
export const arcChallenge = arc("arc_challenge", "ARC challenge", "ARC-Challenge", 1172);
