import { capitalize, trim } from "../../text-rules.ts";
import { type Definition, labelOf, textOf, textsOf } from "./definition.ts";

export const hellaswag: Definition = {
  key: "hellaswag",
  title: "HellaSwag",
  kind: "choice",
  metric: "acc_norm",
  repository: "Rowan/hellaswag",
  configuration: undefined,
  split: "validation",
  items: 10042,
  columns: undefined,
  convert(row) {
    const context = `${textOf(row, "ctx_a")} ${capitalize(textOf(row, "ctx_b"))}`;
    return {
      context: clean(`${textOf(row, "activity_label")}: ${context}`),
      choices: textsOf(row, "endings").map(clean),
      gold: labelOf(row, "label"),
    };
  },
};

/** Takes out the marks that WikiHow pages left in the texts. */
function clean(text: string): string {
  return withoutBrackets(trim(text).replaceAll(" [title]", ". ")).replaceAll("  ", " ");
}

/** `re.sub(r"\[.*?\]", "")`, in one pass: the pattern itself would take quadratic time on a row of open brackets. */
function withoutBrackets(text: string): string {
  return text.split("\n").map(withoutBracketsInLine).join("\n");
}

function withoutBracketsInLine(line: string): string {
  let kept = "";
  let from = 0;
  for (let open = line.indexOf("["); open !== -1; open = line.indexOf("[", from)) {
    const close = line.indexOf("]", open);
    if (close === -1) break;
    kept += line.slice(from, open);
    from = close + 1;
  }
  return kept + line.slice(from);
}
