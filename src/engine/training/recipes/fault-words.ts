/** What is wrong with a value of a recipe, in words: what is needed, what stands there, and what was probably meant. */
import type { z } from "zod";
import { quote } from "../../source/quote.ts";
import { nearestName } from "./fields.ts";

type Issue = z.core.$ZodIssue;

/** @param value what stands in the recipe; undefined where nothing does */
export function faultWords(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case "invalid_value":
      return choiceWords(value, issue.values.map(String));
    case "invalid_type":
      return needed([kindOf(issue.expected)], value);
    case "invalid_union":
      return unionWords(issue.errors, value);
    case "too_small":
      return boundWords(issue, issue.minimum, issue.inclusive === false ? "more than" : "at least", value);
    case "too_big":
      return boundWords(issue, issue.maximum, issue.inclusive === false ? "less than" : "at most", value);
    default:
      return issue.message;
  }
}

/** Kinds of values as people call them; those of YAML have an example where the name alone says little. */
const kinds: ReadonlyMap<string, string> = new Map([
  ["number", "a number"],
  ["int", "a whole number"],
  ["string", "text"],
  ["boolean", "true or false"],
  ["array", "a list such as [a, b]"],
  ["tuple", "a list such as [a, b]"],
  ["object", "fields such as { name: value }"],
  ["record", "fields such as { name: value }"],
]);

function kindOf(expected: string): string {
  return kinds.get(expected) ?? expected;
}

/** `It must be a number, not the text "three".` */
function needed(wanted: readonly string[], value: unknown): string {
  const must = `It must be ${oneOf([...new Set(wanted)])}`;
  if (value === undefined) return `It is missing. ${must}.`;
  const isQuotedNumber = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  const isNumberWanted = wanted.some((kind) => kind.endsWith("number"));
  return `${must}, not ${described(value)}${isQuotedNumber && isNumberWanted ? ": write it without quotes" : ""}.`;
}

function described(value: unknown): string {
  if (value === null) return "empty";
  if (typeof value === "string") return `the text ${quote(value)}`;
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a group of fields" : String(value);
}

function choiceWords(value: unknown, words: readonly string[]): string {
  if (value === undefined) return `It is missing. It is ${oneOf(words)}.`;
  const meant = typeof value === "string" ? nearestName(value, words) : undefined;
  const choice = meant === undefined ? `It is ${oneOf(words)}.` : `Did you mean ${meant}?`;
  const given = typeof value === "string" ? quote(value) : described(value);
  return `${given} is no choice here. ${choice}`;
}

/** Values that may be of several kinds: a word that was misspelt says more than all that would have been possible. */
function unionWords(errors: readonly (readonly Issue[])[], value: unknown): string {
  const alternatives = errors.flatMap((issues) => issues.slice(0, 1));
  const words = alternatives.flatMap((one) => (one.code === "invalid_value" ? one.values.map(String) : []));
  if (typeof value === "string" && nearestName(value, words) !== undefined) return choiceWords(value, words);
  const ofItsKind = alternatives.find(({ code }) => code !== "invalid_type" && code !== "invalid_value");
  if (ofItsKind) return faultWords(ofItsKind, value);
  const whole = alternatives.every(({ path }) => path.length === 0);
  const kindsOfIt = alternatives.flatMap((one) => (one.code === "invalid_type" ? [kindOf(one.expected)] : []));
  return whole ? needed([...words, ...kindsOfIt], value) : faultWithin(errors, value);
}

/** A fault deeper inside, such as that of one entry of a list. */
function faultWithin(errors: readonly (readonly Issue[])[], value: unknown): string {
  const inner = errors.flat().find(({ path }) => path.length > 0);
  if (inner === undefined) return needed([], value);
  const place = inner.path.map(String).join(".");
  const held = inner.path.reduce<unknown>(
    (outer, key) => (typeof outer === "object" && outer !== null ? Reflect.get(outer, key) : undefined),
    value,
  );
  return `${place}: ${faultWords(inner, held)}`;
}

function boundWords(issue: { origin: string }, bound: number | bigint, relation: string, value: unknown): string {
  const limit = `${relation} ${bound}`;
  if (issue.origin === "array") return `It must have ${limit} ${bound === 1 ? "entry" : "entries"}.`;
  if (issue.origin === "string") return `It must have ${limit} ${bound === 1 ? "character" : "characters"}.`;
  return typeof value === "number" ? `It must be ${limit}, not ${value}.` : `It must be ${limit}.`;
}

/** "full, lora or dora". */
function oneOf(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}
