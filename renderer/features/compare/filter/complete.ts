/** What could stand where the cursor is. */
import { quantities, wordFields } from "./parse.ts";

export interface Completion {
  /** The whole filter with this choice in it. */
  text: string;
  /** What is shown in the list. */
  label: string;
  hint: string;
}

export interface Vocabulary {
  kinds: readonly string[];
  runs: readonly { letter: string; label: string }[];
  layers: number;
}

const mostShown = 8;
const hints: Readonly<Record<string, string>> = {
  layer: "one layer or a range",
  kind: "kind of module",
  run: "letter or name of a run",
  group: "attention, mlp, …",
  status: "measured or failed",
  expert: "number of an expert",
};

/** Completions of the word before the cursor; none where nothing more can be said. */
export function completions(text: string, cursor: number, vocabulary: Vocabulary): Completion[] {
  const start = wordStart(text, cursor);
  const word = text.slice(start, cursor);
  const negation = word.startsWith("-") ? "-" : "";
  const choices = choicesFor(word.slice(negation.length), vocabulary);
  return choices.slice(0, mostShown).map(({ insert, hint }) => {
    const label = negation + insert;
    const rest = text.slice(cursor);
    const gap = insert.endsWith(":") || insert.endsWith(">") || rest.startsWith(" ") ? "" : " ";
    return { text: text.slice(0, start) + label + gap + rest, label, hint };
  });
}

function wordStart(text: string, cursor: number): number {
  return text.lastIndexOf(" ", cursor - 1) + 1;
}

interface Choice {
  insert: string;
  hint: string;
}

function choicesFor(word: string, vocabulary: Vocabulary): Choice[] {
  const colon = word.indexOf(":");
  if (colon >= 0) return valuesOf(word.slice(0, colon).toLowerCase(), word.slice(colon + 1).toLowerCase(), vocabulary);
  const typed = word.toLowerCase();
  const fields = wordFields.map((field) => ({ insert: `${field}:`, hint: hints[field] ?? "" }));
  const numbers = [...new Set(["intruders", "change", ...Object.keys(quantities)])]
    .filter((name) => !wordFields.some((field) => field === name) && !aliases.has(name))
    .map((name) => ({ insert: `${name}>`, hint: "more than" }));
  return [...fields, ...numbers].filter(({ insert }) => insert.startsWith(typed) && insert !== typed);
}

/** Second names of quantities; they work when typed and need not be offered. */
const aliases = new Set(["cosine", "relative", "erank"]);

const groups = ["attention", "mlp", "router", "embedding", "head", "other"];

function valuesOf(field: string, typed: string, vocabulary: Vocabulary): Choice[] {
  return fieldValues(field, vocabulary)
    .filter(({ insert }) => insert.toLowerCase().startsWith(typed) && insert.toLowerCase() !== typed)
    .map(({ insert, hint }) => ({ insert: `${field}:${insert}`, hint }));
}

function fieldValues(field: string, { kinds, runs, layers }: Vocabulary): Choice[] {
  if (field === "kind") return kinds.map(plainChoice);
  if (field === "run") return runs.map(({ letter, label }) => ({ insert: letter, hint: label }));
  if (field === "status") return ["measured", "failed"].map(plainChoice);
  if (field === "group") return groups.map(plainChoice);
  if (field !== "layer" || layers < 2) return [];
  return [{ insert: `${Math.floor((layers * 3) / 4)}-${layers - 1}`, hint: "the last quarter" }];
}

function plainChoice(insert: string): Choice {
  return { insert, hint: "" };
}
