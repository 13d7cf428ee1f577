/**
 * Gate expressions of `--fail-on`:
 *   either := both ("or" both)* · both := term ("and" term)* · term := "(" either ")" | [label ":"] field operator number
 * A number may end in %, which divides it by 100. `and` binds tighter than `or`.
 */
import type { ComparisonOperator } from "../../contract/comparison.ts";
import { ExpressionProblem, type Token, tokenize } from "./tokens.ts";

export interface Comparison {
  type: "comparison";
  /** Only this run; every run when undefined. */
  label: string | undefined;
  field: string;
  operator: ComparisonOperator;
  limit: number;
}

/** What an expression may name. */
export interface GateNames {
  /** Of the runs that will exist; a prefix that is none of them is refused. */
  labels: readonly string[];
  fields: readonly string[];
}

export type Expression = Comparison | { type: "and" | "or"; parts: Expression[] };

interface Reader {
  tokens: readonly Token[];
  position: number;
  depth: number;
  names: GateNames;
}

/** Deep enough for people; keeps the stack safe. */
const deepestNesting = 100;

/** @throws ExpressionProblem */
export function parseExpression(text: string, names: GateNames): Expression {
  const reader: Reader = { tokens: tokenize(text), position: 0, depth: 0, names };
  const expression = readEither(reader);
  const rest = peek(reader);
  if (rest.kind !== "end") throw expected('"and", "or" or the end', rest);
  return expression;
}

function peek(reader: Reader): Token {
  return reader.tokens[reader.position] ?? { kind: "end", text: "", at: 0 };
}

function take(reader: Reader): Token {
  const token = peek(reader);
  reader.position += 1;
  return token;
}

function expected(what: string, token: Token): ExpressionProblem {
  const found = token.kind === "end" ? "the end" : `"${token.text}"`;
  return new ExpressionProblem(`expected ${what}, found ${found}`, token.at);
}

function readEither(reader: Reader): Expression {
  return readJoined(reader, "or", readBoth);
}

function readBoth(reader: Reader): Expression {
  return readJoined(reader, "and", readTerm);
}

function readJoined(reader: Reader, word: "and" | "or", readPart: (reader: Reader) => Expression): Expression {
  const first = readPart(reader);
  const parts = [first];
  while (peek(reader).kind === "word" && peek(reader).text.toLowerCase() === word) {
    take(reader);
    parts.push(readPart(reader));
  }
  return parts.length === 1 ? first : { type: word, parts };
}

function readTerm(reader: Reader): Expression {
  return peek(reader).kind === "open" ? readGroup(reader) : readComparison(reader);
}

function readGroup(reader: Reader): Expression {
  const open = take(reader);
  reader.depth += 1;
  if (reader.depth > deepestNesting) throw new ExpressionProblem("too many parentheses", open.at);
  const inner = readEither(reader);
  const close = take(reader);
  if (close.kind !== "close") throw expected('")"', close);
  reader.depth -= 1;
  return inner;
}

function readComparison(reader: Reader): Comparison {
  const name = take(reader);
  if (name.kind !== "word") throw expected("a field", name);
  const { label, field } = splitName(name, reader.names);
  const operator = take(reader);
  if (operator.kind !== "operator") throw expected("a comparison such as >", operator);
  const number = take(reader);
  if (number.kind !== "number") throw expected("a number", number);
  const sign = operator.text === "==" ? "=" : operator.text;
  return { type: "comparison", label, field, operator: sign as ComparisonOperator, limit: numberOf(number) };
}

function numberOf({ text, at }: Token): number {
  const value = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (!Number.isFinite(value)) throw new ExpressionProblem(`"${text}" is too large`, at);
  return value;
}

function splitName({ text, at }: Token, { labels, fields }: GateNames): { label: string | undefined; field: string } {
  const colon = text.lastIndexOf(":");
  const field = text.slice(colon + 1);
  const label = colon < 0 ? undefined : text.slice(0, colon).replace(/^"(.*)"$/, "$1");
  if (label !== undefined && !labels.includes(label)) {
    throw new ExpressionProblem(`no run is called "${label}"; there are ${labels.join(", ")}`, at);
  }
  if (!fields.includes(field)) {
    throw new ExpressionProblem(`"${field}" is no field; there are ${fields.join(", ")}`, at + colon + 1);
  }
  return { label, field };
}
