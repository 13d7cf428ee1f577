import { expect, test } from "vitest";
import { gaussianStream } from "./gaussian.ts";

const COUNT = 1_000_000;

function draw(seed: string, count = COUNT, scale = 1): Float32Array {
  const block = new Float32Array(count);
  gaussianStream(seed)(block, count, scale);
  return block;
}

const mean = (values: Float32Array, of: (x: number) => number): number =>
  values.reduce((sum, x) => sum + of(x), 0) / values.length;

test("moments are those of the normal distribution, within four standard errors of a million draws", () => {
  const values = draw("moments");
  expect(Math.abs(mean(values, (x) => x))).toBeLessThan(4e-3);
  expect(Math.abs(mean(values, (x) => x ** 2) - 1)).toBeLessThan(4 * Math.sqrt(2 / COUNT));
  expect(Math.abs(mean(values, (x) => x ** 3))).toBeLessThan(4 * Math.sqrt(15 / COUNT));
  expect(Math.abs(mean(values, (x) => x ** 4) - 3)).toBeLessThan(4 * Math.sqrt(96 / COUNT));
});

test.each([
  // P(|x| > limit) from tables of the normal distribution; 3.5 lies beyond the ziggurat's last strip.
  [0.5, 0.617_075],
  [1, 0.317_311],
  [2, 0.045_5],
  [3, 0.002_699_8],
  [3.5, 0.000_465_26],
])("share beyond %f", (limit, share) => {
  const found = mean(draw(`tail ${limit}`), (x) => (Math.abs(x) > limit ? 1 : 0));
  expect(Math.abs(found - share)).toBeLessThan(4 * Math.sqrt(share / COUNT));
});

test("neighbours are not correlated", () => {
  const values = draw("lag");
  let product = 0;
  for (let i = 1; i < COUNT; i++) product += (values[i] as number) * (values[i - 1] as number);
  expect(Math.abs(product / COUNT)).toBeLessThan(4e-3);
});

test("the same seed gives the same numbers, however they are asked for, and another seed others", () => {
  const whole = draw("a", 1000, 0.5);
  const stream = gaussianStream("a");
  const pieces = [300, 700].flatMap((count) => {
    const block = new Float32Array(count);
    stream(block, count, 0.5);
    return [...block];
  });
  expect(pieces).toEqual([...whole]);
  expect([...draw("b", 1000, 0.5)]).not.toEqual([...whole]);
});
