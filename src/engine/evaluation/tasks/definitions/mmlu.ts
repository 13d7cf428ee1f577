import { DeltaScopeError } from "../../../../contract/errors.ts";
import { type JsonObject, own } from "../../../source/read-json.ts";
import { trim } from "../../text-rules.ts";
import { type Definition, labelOf, placeOf, textOf, textsOf } from "./definition.ts";

const LETTERS = ["A", "B", "C", "D"];

/** The 57 subjects, as the data set names them. */
const SUBJECTS = `abstract_algebra anatomy astronomy business_ethics clinical_knowledge college_biology
college_chemistry college_computer_science college_mathematics college_medicine college_physics computer_security
conceptual_physics econometrics electrical_engineering elementary_mathematics formal_logic global_facts
high_school_biology high_school_chemistry high_school_computer_science high_school_european_history
high_school_geography high_school_government_and_politics high_school_macroeconomics high_school_mathematics
high_school_microeconomics high_school_physics high_school_psychology high_school_statistics high_school_us_history
high_school_world_history human_aging human_sexuality international_law jurisprudence logical_fallacies
machine_learning management marketing medical_genetics miscellaneous moral_disputes moral_scenarios nutrition
philosophy prehistory professional_accounting professional_law professional_medicine professional_psychology
public_relations security_studies sociology us_foreign_policy virology world_religions`.split(/\s+/);

const shared = {
  kind: "choice",
  metric: "acc",
  repository: "cais/mmlu",
  configuration: "all",
  split: "test",
  columns: ["question", "A", "B", "C", "D", "answer"],
} as const;

/** All subjects together: every item counts the same, as in lm-evaluation-harness's `mmlu` group. */
const all: Definition = { ...shared, key: "mmlu", title: "MMLU", items: 14042, convert: toItem };

const subjects = SUBJECTS.map(
  (subject): Definition => ({
    ...shared,
    key: `mmlu_${subject}`,
    title: `MMLU ${subject.replaceAll("_", " ")}`,
    items: undefined,
    convert: (row, file) => (subjectOf(row, file, subject) === subject ? toItem(row, file, subject) : undefined),
  }),
);

export const mmlu: readonly Definition[] = [all, ...subjects];

function toItem(row: JsonObject, file: string, asked?: string) {
  const subject = subjectOf(row, file, asked);
  const choices = Array.isArray(own(row, "choices"))
    ? textsOf(row, "choices")
    : LETTERS.map((each) => textOf(row, each));
  const lines = LETTERS.map((letter, index) => `${letter}. ${choices[index] ?? ""}`);
  return {
    description: `The following are multiple choice questions (with answers) about ${subject.replaceAll("_", " ")}.\n\n`,
    context: `${trim(textOf(row, "question"))}\n${lines.join("\n")}\nAnswer:`,
    choices: LETTERS,
    gold: answerOf(row),
  };
}

/** From the row, else from the file's path (`anatomy/test-…`, `anatomy_test.csv`), else what was asked for. */
function subjectOf(row: JsonObject, file: string, asked: string | undefined): string {
  if (Object.hasOwn(row, "subject")) return textOf(row, "subject");
  const parts = file
    .split(/[\\/]/)
    .slice(-2)
    .map((part) => part.replace(/_(test|val|dev)\..*$/, ""));
  const subject = parts.findLast((part) => SUBJECTS.includes(part)) ?? asked;
  if (subject !== undefined) return subject;
  throw new DeltaScopeError("task.invalid", "The column subject is missing, and the file's name holds no subject.");
}

/** The Hub's data set counts answers from 0; the first publication writes letters. */
function answerOf(row: JsonObject): number {
  const answer = own(row, "answer");
  return typeof answer === "string" && !/^\d$/.test(answer)
    ? placeOf(answer, LETTERS, "answer")
    : labelOf(row, "answer");
}
