import { expect, test } from "vitest";
import type { MemoryQuestion } from "./memory.ts";
import { keepPeak, withMeasured } from "./peaks.ts";

const size = { parameters: 1, linear: 1, layers: 1, hidden: 1, intermediate: 1, vocabulary: 1 };
const question: MemoryQuestion = {
  ...{ size, method: "lora", optimizer: "adamw", trainable: 1, batch: 4, tokens: 8, answers: 2 },
  ...{ precision: "fp32", baseUnit: 4, checkpointing: true, onProcessor: true, devices: 1, shards: 1 },
};
const formula = { parts: { weights: 60, margin: 40 }, totalBytes: 100 };

function storeOf(): { settings(): Promise<Record<string, unknown>>; putSettings(some: object): Promise<void> } {
  let kept: Record<string, unknown> = {};
  return {
    settings: async () => kept,
    putSettings: async (some) => {
      kept = { ...kept, ...some };
    },
  };
}

test("without a run of its kind the formula stands, within 15 %", async () => {
  const store = storeOf();
  await keepPeak({ ...question, batch: 8 }, 500, store);
  const answer = await withMeasured(question, formula, store);
  expect(answer).toMatchObject({ ...formula, measured: 0 });
  expect(answer.range.low).toBeCloseTo(85);
  expect(answer.range.high).toBeCloseTo(115);
});

test("the highest peak of like runs takes its place, parts in proportion", async () => {
  const store = storeOf();
  for (const bytes of [180, 200]) await keepPeak(question, bytes, store);
  const answer = await withMeasured({ ...question }, formula, store);
  expect(answer).toMatchObject({ totalBytes: 200, measured: 2, parts: { weights: 120, margin: 80 } });
  expect(answer.range.low).toBeCloseTo(171);
  expect(answer.range.high).toBeCloseTo(210);
});

test("a card's driver is added; only the newest 500 are kept; what is no list counts as none", async () => {
  const store = storeOf();
  const onCard = { ...question, onProcessor: false };
  for (let bytes = 1; bytes <= 501; bytes++) await keepPeak(onCard, bytes, store);
  const answer = await withMeasured(onCard, formula, store);
  expect(answer).toMatchObject({ measured: 500, totalBytes: 501 + 0.6 * 2 ** 30 });
  await store.putSettings({ "memory-peaks": { broken: true } });
  expect((await withMeasured(onCard, formula, store)).measured).toBe(0);
});

test("runs on several devices have peaks of their own, divided or not", async () => {
  const store = storeOf();
  const several = { ...question, devices: 2 };
  await keepPeak(several, 300, store);
  await keepPeak({ ...several, shards: 2 }, 150, store);
  expect((await withMeasured(question, formula, store)).measured).toBe(0);
  expect(await withMeasured(several, formula, store)).toMatchObject({ measured: 1, totalBytes: 300 });
  expect(await withMeasured({ ...several, shards: 2 }, formula, store)).toMatchObject({ totalBytes: 150 });
});
