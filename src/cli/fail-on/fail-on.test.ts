import { describe, expect, test } from "vitest";
import { documentOf, exampleDocument, moduleOf } from "../../../test/builders/analysis-document.ts";
import { fc } from "../../../test/builders/properties.ts";
import type { ComparisonOperator } from "../../contract/comparison.ts";
import { evaluate, type Truth } from "./evaluate.ts";
import { analysisFields, analysisQuantities } from "./fields.ts";
import { type Expression, parseExpression } from "./parse.ts";
import { ExpressionProblem } from "./tokens.ts";

const document = exampleDocument();
const labels = document.runs.map(({ label }) => label);
const names = { labels, fields: analysisFields };

function truthOf(text: string, label = "lora-r4"): Truth {
  return evaluate(parseExpression(text, names), analysisQuantities(document), label).truth;
}

describe("expressions on the example: lora-r4 has 5 intruders in 2 of 8 modules, fft none", () => {
  test.each([
    ["intruders > 4", "true"],
    ["intruders > 5", "false"],
    ["intruders>=5", "true"],
    ["intruders = 5 and modulesWithIntruders == 2", "true"],
    ["intruders != 5 or failed < 1", "true"],
    ["intruders > 9 or intruders > 8 and modules = 8", "false"],
    ["(intruders > 9 or modules = 8) and failed <= 0", "true"],
    ["module.intruders = 3", "true"],
    ["module.pressure > .4", "true"],
    ["relativeDelta > 49%", "true"],
    ["relativeDelta > 5.1e-1", "false"],
    ["fft:intruders = 0 AND lora-r4:intruders = 5", "true"],
    ['"fft":relativeDelta < 0.3', "true"],
    ["alerts + 1", "problem"],
  ])("%s is %s", (text, truth) => {
    if (truth === "problem") expect(() => truthOf(text)).toThrow(ExpressionProblem);
    else expect(truthOf(text)).toBe(truth);
  });

  test("a label looks at its own run whatever run is asked", () => {
    expect(truthOf("lora-r4:intruders = 5", "fft")).toBe("true");
    expect(truthOf("intruders = 5", "fft")).toBe("false");
  });
});

test.each([
  ["intruders >", 11, "expected a number, found the end"],
  ["intruders 5", 10, "expected a comparison such as >"],
  ["intruder > 5", 0, '"intruder" is no field'],
  ["lora:intruders > 5", 0, 'no run is called "lora"'],
  ["fft:size > 1", 4, '"size" is no field'],
  ["(intruders > 5", 14, 'expected ")"'],
  ["intruders > 5 failed > 1", 14, 'expected "and", "or" or the end'],
  ["intruders > 5x", 12, "expected a number"],
  ["", 0, "expected a field"],
  ["intruders > 1e999", 12, "too large"],
  [`intruders > 5 and "`, 18, "unexpected"],
])("%s is wrong at %i", (text, at, message) => {
  try {
    parseExpression(text, names);
    expect.unreachable();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ExpressionProblem);
    expect(thrown).toMatchObject({ at, message: expect.stringContaining(message) });
  }
});

test("deep nesting is refused, not a stack overflow", () => {
  expect(() => parseExpression("(".repeat(100_000), names)).toThrow("too many parentheses");
});

test("what was not measured is neither true nor false", () => {
  const untested = documentOf([{ label: "quick", modules: [moduleOf({ layer: 0, kind: "q_proj", intruders: null })] }]);
  const truth = (text: string): Truth =>
    evaluate(
      parseExpression(text, { labels: ["quick"], fields: analysisFields }),
      analysisQuantities(untested),
      "quick",
    ).truth;
  expect(truth("intruders > 0")).toBe("unknown");
  expect(truth("intruders > 0 and modules > 5")).toBe("false");
  expect(truth("intruders > 0 or modules = 1")).toBe("true");
  expect(truth("intruders > 0 or modules > 5")).toBe("unknown");
});

/** Expressions with known values of their fields, printed with parentheses around every part. */
const comparison = fc.record({
  type: fc.constant("comparison" as const),
  label: fc.option(fc.constantFrom(...labels), { nil: undefined }),
  field: fc.constantFrom(...analysisFields),
  operator: fc.constantFrom<ComparisonOperator>(">", ">=", "<", "<=", "=", "!="),
  limit: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((value) => value + 0),
});
const tree = fc.letrec<{ tree: Expression; comparison: Expression; joined: Expression }>((tie) => ({
  comparison,
  joined: fc.record({
    type: fc.constantFrom("and" as const, "or" as const),
    parts: fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
  }),
  tree: fc.oneof({ maxDepth: 3, withCrossShrink: true }, tie("comparison"), tie("joined")),
})).tree;

function print(expression: Expression): string {
  if (expression.type !== "comparison")
    return expression.parts.map((part) => `(${print(part)})`).join(` ${expression.type} `);
  const { label, field, operator, limit } = expression;
  return `${label === undefined ? "" : `${label}:`}${field} ${operator} ${limit}`;
}

test("reading what was printed gives the same expression", () => {
  fc.assert(
    fc.property(tree, (expression) => {
      expect(parseExpression(print(expression), names)).toEqual(expression);
    }),
  );
});

test("any text is read or refused with a place inside it", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseExpression(text, names);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ExpressionProblem);
        expect((thrown as ExpressionProblem).at).toBeLessThanOrEqual(text.length);
      }
    }),
  );
});
