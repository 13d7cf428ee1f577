/** Words, numbers and signs of a gate expression, each with its place. */

export interface Token {
  kind: "word" | "number" | "operator" | "open" | "close" | "end";
  text: string;
  /** Where it begins in the expression, counted in UTF-16 units. */
  at: number;
}

/** What is wrong with an expression, and where. */
export class ExpressionProblem extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

// Sticky, one alternative per kind, no nested repetition: time is linear in the expression.
const kinds: readonly [Token["kind"], RegExp][] = [
  ["open", /\(/y],
  ["close", /\)/y],
  ["operator", />=|<=|==|!=|[<>=]/y],
  ["number", /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?%?(?![^\s()<>=!])/iy],
  ["word", /(?:"[^"]*":)?[^\s()<>=!"]+/y],
];
const space = /\s*/y;

/** @throws ExpressionProblem at the first character that begins nothing. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = skipSpace(expression, 0);
  while (at < expression.length) {
    const token = tokenAt(expression, at);
    tokens.push(token);
    at = skipSpace(expression, at + token.text.length);
  }
  return [...tokens, { kind: "end", text: "", at: expression.length }];
}

function skipSpace(expression: string, at: number): number {
  space.lastIndex = at;
  return at + (space.exec(expression)?.[0].length ?? 0);
}

function tokenAt(expression: string, at: number): Token {
  for (const [kind, pattern] of kinds) {
    pattern.lastIndex = at;
    const match = pattern.exec(expression);
    if (match) return { kind, text: match[0], at };
  }
  throw new ExpressionProblem(`unexpected "${expression[at]}"`, at);
}
