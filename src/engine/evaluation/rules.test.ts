import { describe, expect, test } from "vitest";
import { fc } from "../../../test/builders/properties.ts";
import {
  argmax,
  type Encoder,
  encodePair,
  findFault,
  isRight,
  pairRequest,
  perplexities,
  predict,
  rollingRequests,
  standardError,
  truncatedTokens,
} from "./rules.ts";

const PREFIX = 999;
/** One token a letter, except that a colon and the line break after it are one. */
const letters: Encoder = {
  prefix: PREFIX,
  encode: (text) => (text.match(/:\n|./gs) ?? []).map((part) => (part === ":\n" ? 500 : part.charCodeAt(0))),
};
const ids = (text: string): number[] => letters.encode(text);
const word = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n"), maxLength: 12 });

describe("pairs", () => {
  test("white space at the end of the context is scored with the choice", () => {
    expect(encodePair(letters, "ab \n", " c")).toEqual({
      context: ids("ab"),
      continuation: ids(" \n c"),
      changed: false,
    });
  });

  test("splitting never loses a character", () => {
    fc.assert(
      fc.property(word, word, fc.boolean(), (context, continuation, keepSpace) => {
        const pair = encodePair(letters, context, continuation, keepSpace);
        const whole = [...pair.context, ...pair.continuation];
        expect(whole).toEqual(context === "" ? [PREFIX, ...ids(continuation)] : ids(context + continuation));
        if (keepSpace && context !== "") expect(pair.context).toEqual(ids(context));
      }),
    );
  });

  test("a merge across the boundary takes a token from the prompt, and is told", () => {
    const merged = encodePair(letters, "a:\n", "bc");
    expect(merged).toEqual({ context: ids("a:"), continuation: ids("bc"), changed: true });
    expect(encodePair(letters, "a:\n", "bc", true)).toEqual({
      context: [97, 500],
      continuation: ids("bc"),
      changed: false,
    });
  });

  test("without a context the prefix token stands before the choice, once", () => {
    expect(encodePair(letters, "", "ab")).toMatchObject({ context: [PREFIX], continuation: ids("ab") });
    const special: Encoder = { prefix: 97, encode: letters.encode };
    expect(encodePair(special, "", "ab")).toMatchObject({ context: [97], continuation: ids("b") });
  });

  test.each([
    [" \n", "a", /nothing but white space/],
    ["a", "", /adds no token/],
    ["a", "b".repeat(11), /11 tokens do not fit the window of 10/],
  ])("context %j and choice %j cannot be scored", (context, continuation, why) => {
    expect(findFault(encodePair(letters, context, continuation), 10)).toMatch(why);
  });

  test("a context that is too long loses its beginning, never the choice", () => {
    fc.assert(
      fc.property(word, word, fc.integer({ min: 2, max: 16 }), (context, continuation, maxLength) => {
        const pair = encodePair(letters, `x${context}`, `${continuation}y`);
        fc.pre(findFault(pair, maxLength) === undefined);
        const { input, targets } = pairRequest(pair, maxLength);
        const whole = [...pair.context, ...pair.continuation];
        const cut = truncatedTokens(pair, maxLength);
        expect(targets).toEqual(pair.continuation);
        expect(input).toEqual(whole.slice(cut, -1));
        expect(input.length).toBe(Math.min(maxLength, whole.length - 1));
      }),
    );
  });
});

describe("windows", () => {
  test("every token is scored once, after its own context", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 2, max: 20 }), (length, maxLength) => {
        const tokens = Array.from({ length }, (_, index) => index);
        const requests = rollingRequests(tokens, PREFIX, maxLength);
        expect(requests.flatMap((request) => request.targets)).toEqual(tokens);
        for (const { input, targets } of requests) {
          const [first] = targets as [number];
          expect(input.length).toBeLessThanOrEqual(maxLength);
          expect(input.length).toBeGreaterThanOrEqual(targets.length);
          // The token before the first target stands where that target is predicted.
          expect(input[input.length - targets.length]).toBe(first === 0 ? PREFIX : first - 1);
          expect(input.slice(input.length - targets.length + 1)).toEqual(targets.slice(0, -1));
        }
      }),
    );
  });

  test("a short last window is filled up with context", () => {
    expect(rollingRequests([1, 2, 3, 4, 5, 6], 9, 4)).toEqual([
      { input: [9, 1, 2, 3], targets: [1, 2, 3, 4] },
      { input: [2, 3, 4, 5], targets: [5, 6] },
    ]);
    expect(rollingRequests([], 9, 4)).toEqual([]);
  });
});

describe("predictions", () => {
  test("the first of equal values wins, and NaN before all", () => {
    expect(argmax([1, 3, 3])).toBe(1);
    expect(argmax([1, Number.NaN, 3])).toBe(1);
    expect(argmax([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBe(0);
  });

  test("lengths are code points and UTF-8 bytes", () => {
    // Per character −3, −2; per byte −0.75, −2: a shark is one character of four bytes.
    expect(predict([-3, -4], ["🦈", "ab"])).toEqual({ prediction: 0, predictionNorm: 1, predictionBytes: 0 });
  });

  test("several choices may be right", () => {
    expect(isRight(2, [0, 2])).toBe(true);
    expect(isRight(1, [0, 2])).toBe(false);
    expect(isRight(1, 1)).toBe(true);
  });
});

test("perplexities divide sums", () => {
  const documents = [
    { loglikelihood: -10, words: 2, bytes: 10 },
    { loglikelihood: -2, words: 4, bytes: 2 },
  ];
  const result = perplexities(documents);
  expect(result.word_perplexity).toBeCloseTo(Math.exp(2), 12);
  expect(result.byte_perplexity).toBeCloseTo(Math.E, 12);
  expect(result.bits_per_byte).toBeCloseTo(1 / Math.LN2, 12);
});

test("the standard error is that of a sample", () => {
  // statistics.stdev([1, 0, 0, 1, 1]) / 5 ** 0.5
  expect(standardError([1, 0, 0, 1, 1])).toBeCloseTo(0.2449489742783178, 15);
  expect(standardError([1])).toBeUndefined();
});
