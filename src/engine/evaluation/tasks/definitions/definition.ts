/** A ready-made task: where its data is published, and how a row of it becomes an item as in lm-eval 0.4.13. */
import type { ChoiceItem, TextItem } from "../../../../contract/domain/evaluation.ts";
import { DeltaScopeError } from "../../../../contract/errors.ts";
import { isObject, type JsonObject, own } from "../../../source/read-json.ts";
import type { Metric } from "../task.ts";

export interface Definition {
  /** lm-evaluation-harness's own name of the task. */
  key: string;
  title: string;
  kind: "choice" | "text";
  metric: Metric;
  /** Data set of the Hub, its configuration, and the split that lm-evaluation-harness scores. */
  repository: string;
  configuration: string | undefined;
  split: "validation" | "test";
  /** Items of that split, where they are counted. */
  items: number | undefined;
  /** Names of the columns in the order of CSV files without a first row of names; undefined where CSV has one. */
  columns: readonly string[] | undefined;
  /** The item of a row; undefined for rows of another task. Throws `task.invalid` naming the column. */
  convert(row: JsonObject, file: string): ChoiceItem | TextItem | undefined;
}

/** A text column. Throws `task.invalid` naming it. */
export function textOf(row: JsonObject, column: string): string {
  const value = own(row, column);
  if (typeof value === "string") return value;
  throw bad(value === undefined ? `The column ${column} is missing.` : `${column} is no text.`);
}

/** A nested column. Throws `task.invalid` naming it. */
export function objectOf(row: JsonObject, column: string): JsonObject {
  const value = own(row, column);
  if (isObject(value)) return value;
  throw bad(value === undefined ? `The column ${column} is missing.` : `${column} is no object.`);
}

/** A column of several texts. Throws `task.invalid` naming it. */
export function textsOf(row: JsonObject, column: string): string[] {
  const value = own(row, column);
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
  throw bad(value === undefined ? `The column ${column} is missing.` : `${column} is no list of texts.`);
}

/** A label that is stored as a number, its digits, or a truth value. Throws `task.invalid` for unlabelled rows. */
export function labelOf(row: JsonObject, column: string): number {
  const value = own(row, column);
  const number = typeof value === "string" && /^\d{1,3}$/.test(value) ? Number(value) : value;
  if (typeof number === "boolean") return number ? 1 : 0;
  if (typeof number === "number" && Number.isInteger(number) && number >= 0) return number;
  throw bad(value === undefined ? `The column ${column} is missing.` : `${column} holds no label.`);
}

/** Place of an answer among the choices. Throws `task.invalid` when it is none of them. */
export function placeOf(answer: string, choices: readonly string[], column: string): number {
  const place = choices.indexOf(answer);
  if (place !== -1) return place;
  throw bad(`${column} is ${JSON.stringify(answer.slice(0, 80))}, none of ${choices.join(", ").slice(0, 200)}.`);
}

/** Question and lettered choices: flat as on the Hub, or nested in `question` as in the first publications. */
export function questionWithChoices(row: JsonObject, questionColumn: string) {
  const nested = own(row, "question");
  if (isObject(nested)) return { question: textOf(nested, "stem"), ...unzip(own(nested, "choices")) };
  const choices = objectOf(row, "choices");
  return { question: textOf(row, questionColumn), labels: textsOf(choices, "label"), texts: textsOf(choices, "text") };
}

function unzip(choices: unknown): { labels: string[]; texts: string[] } {
  const list = Array.isArray(choices) ? choices.filter(isObject) : [];
  return { labels: list.map((each) => textOf(each, "label")), texts: list.map((each) => textOf(each, "text")) };
}

function bad(message: string): DeltaScopeError {
  return new DeltaScopeError("task.invalid", message);
}
