/** Task files of JSON lines: each line one multiple-choice item or one document. */
import type { ChoiceItem, TextItem } from "../../../contract/domain/evaluation.ts";
import { choiceItem, textItem } from "../../../contract/domain/evaluation.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../../contract/errors.ts";
import { findExcess } from "../../source/json-guard.ts";
import { isObject, type JsonObject } from "../../source/read-json.ts";
import { type Line, readLines } from "./lines.ts";

/** More choices than any task has; each is a request of its own. */
const CHOICES_MAXIMUM = 1000;

/** An item, or why there is none; `index` is its place in the file, from 0, empty lines not counted. */
export type Attempt<T> =
  | { index: number; item: T; fault?: undefined }
  | { index: number; item?: undefined; fault: DeltaScopeError };

/** Throws `task.too-large`, `source.not-found` or `source.unreadable`; what is wrong with a line is told in its place. */
export async function* readItems(file: string): AsyncGenerator<Attempt<ChoiceItem | TextItem>> {
  for await (const { index, item, fault } of readObjects(file))
    yield fault ? { index, fault } : attempt(index, item.where, () => checkItem(item.value));
}

/** JSON objects of a file, one a line, with `FILE:LINE`. Throws as `readItems`. */
export async function* readObjects(file: string): AsyncGenerator<Attempt<{ value: JsonObject; where: string }>> {
  for await (const { index, line } of filledLines(file)) {
    const where = `${file}:${line.number}`;
    yield attempt(index, where, () => ({ value: parseLine(line), where }));
  }
}

/** What `make` returns, or its error with the place in front. */
export function attempt<T>(index: number, where: string, make: () => T): Attempt<T> {
  try {
    return { index, item: make() };
  } catch (thrown) {
    const { message } = toDeltaScopeError(thrown);
    return { index, fault: new DeltaScopeError("task.invalid", `${where}: ${message}`, where) };
  }
}

async function* filledLines(file: string): AsyncGenerator<{ index: number; line: Line }> {
  let index = 0;
  for await (const line of readLines(file)) {
    if (line.bytes.every(isBlank)) continue;
    yield { index, line };
    index++;
  }
}

/** Space, tab, carriage return: the white space of JSON that a line may hold. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

function parseLine({ number, bytes }: Line): JsonObject {
  const excess = findExcess(bytes);
  if (excess !== undefined) throw bad(`${excess}.`);
  const value = parse(decode(bytes, number === 1));
  if (!isObject(value)) throw bad("The line holds no JSON object.");
  return value;
}

/** Only the first line may begin with a byte order mark. */
function decode(bytes: Buffer, first: boolean): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: !first }).decode(bytes);
  } catch {
    throw bad("The line is not UTF-8 text.");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad("The line is not valid JSON.");
  }
}

/** The item of an object. Throws `task.invalid` naming the field. */
export function checkItem(value: JsonObject): ChoiceItem | TextItem {
  return Object.hasOwn(value, "text") && !Object.hasOwn(value, "choices") ? checkText(value) : checkChoice(value);
}

function checkText(value: JsonObject): TextItem {
  const item = check(textItem, value);
  refuseBroken("text", item.text);
  for (const field of ["words", "bytes"] as const)
    if (item[field] !== undefined && item[field] < 1) throw bad(`${field} is ${item[field]}; it must be positive.`);
  return item;
}

function checkChoice(value: JsonObject): ChoiceItem {
  const item = check(choiceItem, value);
  const { choices, gold } = item;
  if (choices.length > CHOICES_MAXIMUM)
    throw bad(`choices has ${choices.length} entries, more than ${CHOICES_MAXIMUM}.`);
  for (const [index, choice] of choices.entries()) {
    if (choice === "") throw bad(`choices.${index} is empty.`);
    refuseBroken(`choices.${index}`, choice);
  }
  for (const field of ["context", "delimiter", "description", "ending"] as const)
    refuseBroken(field, item[field] ?? "");
  for (const each of [gold].flat())
    if (each < 0 || each >= choices.length) throw bad(`gold is ${each}, but there are ${choices.length} choices.`);
  return item;
}

/** Half of a surrogate pair has no UTF-8 form; Python refuses to encode it. */
function refuseBroken(field: string, text: string): void {
  if (!text.isWellFormed()) throw bad(`${field} holds half of a surrogate pair.`);
}

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: Issue[] } };
}
interface Issue {
  path: PropertyKey[];
  message: string;
}

function check<T>(schema: Schema<T>, value: JsonObject): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw bad(`${issue?.path.map(String).join(".") || "The line"}: ${issue?.message ?? "wrong form"}.`);
}

function bad(message: string): DeltaScopeError {
  return new DeltaScopeError("task.invalid", message);
}
