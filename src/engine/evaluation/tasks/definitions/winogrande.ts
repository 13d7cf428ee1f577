import { DeltaScopeError } from "../../../../contract/errors.ts";
import { trim } from "../../text-rules.ts";
import { type Definition, placeOf, textOf } from "./definition.ts";

/** The sentence is filled with each option up to the blank; what follows the blank is scored after both. */
export const winogrande: Definition = {
  key: "winogrande",
  title: "WinoGrande",
  kind: "choice",
  metric: "acc",
  repository: "allenai/winogrande",
  configuration: "winogrande_xl",
  split: "validation",
  items: 1267,
  columns: undefined,
  convert(row) {
    const sentence = textOf(row, "sentence");
    const blank = sentence.indexOf("_");
    if (blank === -1) throw new DeltaScopeError("task.invalid", "sentence has no blank (_).");
    return {
      context: sentence.slice(0, blank),
      choices: [textOf(row, "option1"), textOf(row, "option2")],
      ending: trim(sentence.slice(blank + 1)),
      gold: placeOf(textOf(row, "answer"), ["1", "2"], "answer"),
    };
  },
};
