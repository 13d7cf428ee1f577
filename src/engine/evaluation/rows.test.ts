import { describe, expect, test } from "vitest";
import { fc } from "../../../test/builders/properties.ts";
import type { ScoreRequest } from "./request.ts";
import { BATCH_TOKENS, FIRST_BATCH_TOKENS, PACKED_ROW_TOKENS, planBatches, planRows, type Row } from "./rows.ts";

const request = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 }), fc.nat(20), fc.nat(9))
  .map(
    ([input, count, last]): ScoreRequest => ({
      input,
      targets: [...input.slice(1), last].slice(-1 - (count % input.length)),
    }),
  );
const requestSets = fc.array(request, { maxLength: 40 });

/** The tokens on the way to a place. */
function way({ tokens, parents }: Row, place: number): number[] {
  const found: number[] = [];
  for (let at = place; at >= 0; at = parents === undefined ? at - 1 : (parents[at] ?? -1))
    found.unshift(tokens[at] ?? -1);
  return found;
}

describe("any set of requests", () => {
  test.each([true, false])("packed %s: every target follows its own input's beginning", (packed) => {
    fc.assert(
      fc.property(requestSets, (requests) => {
        const plan = planRows(requests, packed);
        expect(plan.requests).toHaveLength(requests.length);
        requests.forEach(({ input, targets }, index) => {
          const { row: at, wants } = plan.requests[index] ?? { row: -1, wants: [] };
          const row = plan.rows[at];
          if (!row) throw new Error("no row");
          expect(wants.map((want) => row.targets[want])).toEqual(targets);
          const ways = wants.map((want) => way(row, row.places[want] ?? -1));
          expect(ways).toEqual(targets.map((_, k) => input.slice(0, input.length - targets.length + k + 1)));
        });
      }),
    );
  });

  test("no beginning stands twice in a packed row, and trees run no more tokens than chains", () => {
    fc.assert(
      fc.property(requestSets, (requests) => {
        const [trees, chains] = [planRows(requests, true), planRows(requests, false)];
        for (const row of trees.rows) {
          const ways = row.tokens.map((_, place) => way(row, place).join());
          expect(new Set(ways).size).toBe(ways.length);
        }
        const tokens = (rows: readonly Row[]): number => rows.reduce((sum, row) => sum + row.tokens.length, 0);
        expect(tokens(trees.rows)).toBeLessThanOrEqual(tokens(chains.rows));
      }),
    );
  });

  test("batches hold every row once, longest first, within their budgets", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 30 }), (lengths) => {
        const rows = lengths.map(
          (length): Row => ({
            tokens: Array<number>(length).fill(1),
            parents: undefined,
            places: [0],
            targets: [0],
          }),
        );
        const batches = planBatches(rows);
        const order = batches.flat();
        expect([...order].sort((i, j) => i - j)).toEqual(rows.map((_, index) => index));
        const sorted = order.map((index) => lengths[index] ?? 0);
        expect(sorted).toEqual([...lengths].sort((i, j) => j - i));
        batches.forEach((batch, index) => {
          const padded = batch.length * (lengths[batch[0] ?? 0] ?? 0);
          if (batch.length > 1) expect(padded).toBeLessThanOrEqual(index === 0 ? FIRST_BATCH_TOKENS : BATCH_TOKENS);
        });
      }),
    );
  });
});

test("a request that comes twice is scored once", () => {
  const twice = { input: [1, 2, 3], targets: [7, 8] };
  const plan = planRows([twice, { input: [1, 2], targets: [7] }, { ...twice }], true);
  expect(plan.requests[0]).toEqual(plan.requests[2]);
  expect(plan.rows).toEqual([{ tokens: [1, 2, 3], parents: [-1, 0, 1], places: [1, 2], targets: [7, 8] }]);
});

test("endings share their context; a full row ends, and a longer single input still gets one", () => {
  const context = Array.from({ length: 700 }, (_, place) => place);
  const ending = (first: number, length: number): ScoreRequest => {
    const tokens = Array.from({ length }, (_, place) => first + place);
    return { input: [...context, ...tokens], targets: [0] };
  };
  const { rows } = planRows([ending(1000, 60), ending(2000, 60), ending(3000, 200)], true);
  expect(rows.map(({ tokens }) => tokens.length)).toEqual([760, 760, 900]);
  expect(PACKED_ROW_TOKENS).toBe(768);
});
