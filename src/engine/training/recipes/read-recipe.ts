/** Recipes as YAML text: plain values with the lines they stand on; no tags, no aliases, nothing that runs. */
import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, parseDocument } from "yaml";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { quote } from "../../source/quote.ts";
import type { JsonObject } from "../../source/read-json.ts";
import { readRegular } from "../../source/regular-file.ts";

/** A recipe has some kilobytes; a list of a thousand files a hundred. */
export const longestRecipe = 256 * 1024;
/**
 * Names, values, signs, spaces and line ends. A list of a thousand files with their formats has 18,000; reading takes
 * some 5 µs for each, in one go, and a bracket is one.
 */
export const mostRecipeTokens = 20_000;
/** Recipes nest four deep. */
const deepest = 12;
/** Of the errors of one text, those that a message shows. */
const shownErrors = 5;

/** A recipe as written, before anything is checked but its form. */
export interface RawRecipe {
  values: JsonObject;
  /** Line of each dotted field; empty where the recipe was not read from text. */
  lines: ReadonlyMap<string, number>;
  /** Folder that relative paths count from; undefined leaves them to the caller's working folder. */
  folder: string | undefined;
  /** Its file, for messages. */
  file: string | undefined;
}

/** @throws DeltaScopeError `recipe.invalid` naming the lines of what is no YAML, or more than plain values */
export function parseRecipe(text: string, file?: string): Pick<RawRecipe, "values" | "lines"> {
  const refuse = (why: string): DeltaScopeError =>
    new DeltaScopeError("recipe.invalid", `${file === undefined ? "The recipe" : quote(file)}: ${why}`, file);
  if (Buffer.byteLength(text) > longestRecipe) throw refuse(`it has more than ${longestRecipe} bytes.`);
  if (hasTooManyTokens(text)) throw refuse(`it has more than ${mostRecipeTokens} names, values and signs.`);
  const counter = new LineCounter();
  const document = parseDocument(text, {
    schema: "core",
    strict: true,
    // Compared with all others before it, each key of thousands; `plainMap` looks them up.
    uniqueKeys: false,
    stringKeys: true,
    prettyErrors: false,
    lineCounter: counter,
    logLevel: "silent",
  });
  const lineAt = (offset: number | undefined): number => counter.linePos(offset ?? 0).line;
  const faults = [...document.errors, ...document.warnings].slice(0, shownErrors);
  const shown = faults.map(({ message, pos }) => `line ${lineAt(pos[0])}: ${message.split("\n", 1)[0]}`);
  if (shown.length > 0) throw refuse(`${shown.join("; ")}.`);
  if (!isMap(document.contents)) throw refuse("it must hold fields with values, such as `method: lora`.");
  const reading = { lines: new Map<string, number>(), lineAt, refuse };
  return { values: plain(document.contents, { field: "", depth: 0 }, reading) as JsonObject, lines: reading.lines };
}

function hasTooManyTokens(text: string): boolean {
  const tokens = new Lexer().lex(text);
  for (let count = 0; count <= mostRecipeTokens; count++) if (tokens.next().done) return false;
  return true;
}

/** The same from a file. @throws DeltaScopeError `recipe.invalid`, `source.not-found`, `source.unreadable` */
export async function readRecipeFile(file: string): Promise<Pick<RawRecipe, "values" | "lines">> {
  const bytes = await readRegular(file, longestRecipe);
  if (bytes !== undefined) return parseRecipe(bytes.toString(), file);
  throw new DeltaScopeError("recipe.invalid", `${quote(file)} has more than ${longestRecipe} bytes.`, file);
}

interface Reading {
  lines: Map<string, number>;
  lineAt: (offset: number | undefined) => number;
  refuse: (why: string) => DeltaScopeError;
}

/** Where a value stands. Names may hold dots themselves, so a field does not say how deep it is. */
interface Place {
  field: string;
  depth: number;
}

function plain(node: Node | null, place: Place, reading: Reading): unknown {
  if (node === null) return null;
  const line = reading.lineAt(node.range?.[0]);
  if (!reading.lines.has(place.field)) reading.lines.set(place.field, line);
  if (isAlias(node)) throw reading.refuse(`line ${line}: aliases (*name) are not read; write the value out.`);
  if (place.depth > deepest) throw reading.refuse(`line ${line}: it is nested too deeply.`);
  if (isScalar(node)) return plainScalar(node.value, line, reading);
  if (isSeq(node)) return node.items.map((item, index) => plain(item as Node, within(place, String(index)), reading));
  return isMap(node) ? plainMap(node.items, place, reading) : null;
}

function plainScalar(value: unknown, line: number, reading: Reading): unknown {
  const isPlain = value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
  if (isPlain) return value;
  throw reading.refuse(`line ${line}: ${quote(String(value))} is neither text nor a finite number.`);
}

function plainMap(items: readonly { key: unknown; value: unknown }[], place: Place, reading: Reading): JsonObject {
  const known = new Set<string>();
  const entries = items.map(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : "";
    const line = reading.lineAt(isScalar(key) ? key.range?.[0] : undefined);
    if (name === "__proto__") throw reading.refuse(`line ${line}: "__proto__" is no field.`);
    if (known.has(name)) throw reading.refuse(`line ${line}: ${quote(name)} stands there for the second time.`);
    known.add(name);
    const inner = within(place, name);
    reading.lines.set(inner.field, line);
    return [name, plain(value as Node | null, inner, reading)] as const;
  });
  return Object.fromEntries(entries);
}

function within({ field, depth }: Place, name: string): Place {
  return { field: field === "" ? name : `${field}.${name}`, depth: depth + 1 };
}
