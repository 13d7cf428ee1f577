import { isObject, own } from "../../../source/read-json.ts";
import { type Definition, placeOf, textOf, textsOf } from "./definition.ts";

const ANSWERS = ["yes", "no", "maybe"];

export const pubmedqa: Definition = {
  key: "pubmedqa",
  title: "PubMedQA",
  kind: "choice",
  metric: "acc",
  repository: "bigbio/pubmed_qa",
  configuration: "pubmed_qa_labeled_fold0_source",
  split: "test",
  items: 500,
  columns: undefined,
  convert(row) {
    // The publishers' own repository writes the columns small and nests the abstract.
    const nested = own(row, "context");
    const contexts = isObject(nested) ? textsOf(nested, "contexts") : textsOf(row, "CONTEXTS");
    const question = textOf(row, isObject(nested) ? "question" : "QUESTION");
    return {
      context: `Abstract: ${contexts.join("\n")}\nQuestion: ${question}\nAnswer:`,
      choices: ANSWERS,
      gold: placeOf(textOf(row, "final_decision"), ANSWERS, "final_decision"),
    };
  },
};
