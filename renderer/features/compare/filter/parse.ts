/**
 * The filter grammar: `layer:24-35 kind:v_proj run:B intruders>0 change>4%`. Blanks mean and, `or` separates
 * alternatives, a leading minus negates. Whatever is none of this is plain text and looks into names.
 */
import type { ComparisonOperator } from "../../../../src/contract/comparison.ts";
import { type Token, tokens } from "./tokens.ts";

/** Quantities that can be compared, by every name they answer to; values are ids of table columns. */
export const quantities: Readonly<Record<string, string>> = {
  intruders: "intruders",
  energy: "energy",
  cos: "cosine",
  cosine: "cosine",
  change: "change",
  relative: "change",
  rank: "erank",
  erank: "erank",
  stable: "stable",
  k50: "k50",
  k90: "k90",
  k99: "k99",
  sigma: "sigma",
  norm: "norm",
  pressure: "pressure",
  unchanged: "unchanged",
  time: "time",
  layer: "layer",
};

export const wordFields = ["layer", "kind", "run", "group", "status", "expert"] as const;
export type WordField = (typeof wordFields)[number];

export type Term =
  | { type: "range"; field: "layer" | "expert"; from: number; to: number; negated: boolean }
  | { type: "word"; field: Exclude<WordField, "layer" | "expert">; values: string[]; negated: boolean }
  | { type: "compare"; column: string; operator: ComparisonOperator; value: number; negated: boolean }
  | { type: "text"; text: string; negated: boolean };

/** Alternatives, each of terms that must all hold. No alternative means no filter. */
export type Filter = Term[][];

/** More words than anyone types; the rest is left out. */
const mostTerms = 64;

export function parseFilter(text: string): Filter {
  const groups: Term[][] = [[]];
  for (const token of tokens(text).slice(0, mostTerms)) {
    if (!token.quoted && token.text.toLowerCase() === "or") groups.push([]);
    else groups.at(-1)?.push(termOf(token));
  }
  return groups.filter((terms) => terms.length > 0);
}

function termOf({ text, quoted }: Token): Term {
  if (quoted) return { type: "text", text, negated: false };
  const negated = text.length > 1 && text.startsWith("-");
  const body = negated ? text.slice(1) : text;
  return comparisonOf(body, negated) ?? fieldOf(body, negated) ?? { type: "text", text: body, negated };
}

function comparisonOf(text: string, negated: boolean): Term | undefined {
  const match = /^([a-z]\w{0,31})(>=|<=|!=|≥|≤|>|<|=)([^<>=!≥≤]{1,32})$/i.exec(text);
  if (!match) return undefined;
  const name = (match[1] ?? "").toLowerCase();
  const column = Object.hasOwn(quantities, name) ? quantities[name] : undefined;
  const value = quantityOf(match[3] ?? "");
  if (column === undefined || value === undefined) return undefined;
  return { type: "compare", column, operator: operatorOf(match[2]), value, negated };
}

function operatorOf(text: string | undefined): ComparisonOperator {
  if (text === "≥") return ">=";
  if (text === "≤") return "<=";
  return text as ComparisonOperator;
}

/** "4%" is 0.04; a comma may stand for the decimal dot. */
function quantityOf(text: string): number | undefined {
  const percent = text.endsWith("%");
  const digits = (percent ? text.slice(0, -1) : text).replace(",", ".").replace("−", "-").trim();
  const value = digits === "" ? Number.NaN : Number(digits);
  if (!Number.isFinite(value)) return undefined;
  return percent ? value / 100 : value;
}

function fieldOf(text: string, negated: boolean): Term | undefined {
  const colon = text.indexOf(":");
  const field = wordFields.find((name) => name === text.slice(0, Math.max(0, colon)).toLowerCase());
  const value = text.slice(colon + 1);
  if (field === undefined || value === "") return undefined;
  if (field === "layer" || field === "expert") return rangeOf(field, value, negated);
  return { type: "word", field, values: value.toLowerCase().split(",").filter(Boolean), negated };
}

function rangeOf(field: "layer" | "expert", text: string, negated: boolean): Term | undefined {
  const match = /^(\d{1,6})(?:[-–](\d{1,6}))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return { type: "range", field, from: Math.min(first, last), to: Math.max(first, last), negated };
}
