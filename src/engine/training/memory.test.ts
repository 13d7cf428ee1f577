import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type RunConfig, runConfig, type TrainingDevice } from "../../contract/domain/training.ts";
import type { BaseModel } from "./base-model.ts";
import { deviceOf } from "./devices.ts";
import {
  divisorsOf,
  estimateMemory,
  layOut,
  type MemoryQuestion,
  memoryParts,
  roomOf,
  sizeOf,
  totalOf,
  trainableOf,
} from "./memory.ts";
import { remedyFor } from "./remedy.ts";

const gibibyte = 2 ** 30;

/** Qwen2.5: layers, hidden, intermediate, width of k and v, parameters. */
const models = {
  "0.5B": [24, 896, 4864, 128, 494_032_768],
  "1.5B": [28, 1536, 8960, 256, 1_543_714_304],
  "3B": [36, 2048, 11008, 256, 3_085_938_688],
} as const;
type Name = keyof typeof models;

function modelOf(name: Name): BaseModel {
  const [layers, hidden, intermediate, narrow, parameters] = models[name];
  const shapes = {
    ...{ q_proj: [hidden, hidden], k_proj: [narrow, hidden], v_proj: [narrow, hidden], o_proj: [hidden, hidden] },
    ...{ gate_proj: [intermediate, hidden], up_proj: [intermediate, hidden], down_proj: [hidden, intermediate] },
  };
  const linear = Array.from({ length: layers }, (_, layer) =>
    Object.entries(shapes).map(([kind, [rows = 0, columns = 0]]) => ({
      ...{ name: `model.layers.${layer}.${kind}`, kind, rows, columns },
    })),
  ).flat();
  return {
    ...{ folder: "/base", modelType: "qwen2", parameters, linear, layers, hidden, intermediate },
    ...{ vocabulary: 151_936, hasTokenizer: true, quantised: undefined },
  };
}

const card = (gigabytes: number): TrainingDevice => ({
  ...{ id: "cuda:0", name: "card", kind: "cuda", bf16: true },
  ...{ memoryBytes: gigabytes * gibibyte, freeBytes: gigabytes * gibibyte },
});

const configOf = (more: Record<string, unknown>) =>
  runConfig.parse({
    run_id: "a",
    base: { path: "/base" },
    data: { files: [{ path: "a", format: "alpaca" }] },
    ...more,
  });

function gibibytes(name: Name, method: string, batch: number, more: Record<string, unknown> = {}): number {
  const config = configOf({ method, batch: { effective: 8, device: batch }, precision: "bf16", ...more });
  return estimateMemory(config, modelOf(name), card(80)).totalBytes / gibibyte;
}

const onAll = { data: { files: [{ path: "a", format: "alpaca" }], loss_on: "all" } };

describe("the table of the training notes, in GiB at 512 tokens", () => {
  test.each<[Name, number[][]]>([
    [
      "0.5B",
      [
        [9.8, 10.0],
        [7.8, 8.0],
        [1.8, 2.4],
        [1.3, 1.9],
        [15.0, 9.6],
      ],
    ],
    [
      "1.5B",
      [
        [27.9, 28.2],
        [21.5, 21.9],
        [4.2, 5.2],
        [2.3, 3.3],
        [29.2, 12.0],
      ],
    ],
    [
      "3B",
      [
        [53.8, 54.4],
        [41.2, 41.7],
        [7.6, 9.0],
        [3.5, 4.9],
        [54.4, 15.6],
      ],
    ],
  ])("%s", (name, [adamw = [], sgd = [], lora = [], qlora = [], all = []]) => {
    const near = (value: number, expected = 0) =>
      expect(Math.abs(value - expected)).toBeLessThan(0.02 * expected + 0.05);
    for (const [index, batch] of [1, 8].entries()) {
      near(gibibytes(name, "full", batch), adamw[index]);
      near(gibibytes(name, "full", batch, { optimizer: "sgd" }), sgd[index]);
      near(gibibytes(name, "lora", batch), lora[index]);
      near(gibibytes(name, "qlora", batch), qlora[index]);
    }
    near(gibibytes(name, "full", 8, onAll), all[0]);
    near(gibibytes(name, "lora", 8, onAll), all[1]);
  });
});

test("before its margin the formula meets what torch's memory tracker measured", () => {
  const measured: [Name, number, number, number][] = [
    ["0.5B", 1, 512, 8.38],
    ["0.5B", 8, 512, 13.1],
    ["1.5B", 4, 512, 24.7],
    ["0.5B", 8, 8, 8.4],
  ];
  for (const [name, batch, answers, expected] of measured) {
    const { linear, folder: _, ...size } = modelOf(name);
    const question: MemoryQuestion = {
      ...{ size: { ...size, linear: 0 }, method: "full", optimizer: "adamw", trainable: size.parameters },
      ...{
        batch,
        tokens: 512,
        answers,
        precision: "bf16",
        baseUnit: 2,
        checkpointing: true,
        onProcessor: false,
        devices: 1,
        shards: 1,
      },
    };
    const { margin: _margin, ...plain } = memoryParts(question);
    expect(Math.abs(totalOf(plain) / gibibyte - expected) / expected).toBeLessThan(0.02);
  }
});

test("data parallel holds all gradients twice, sharding a part of everything", () => {
  const { linear, folder: _, ...rest } = modelOf("3B");
  const question: MemoryQuestion = {
    ...{ size: { ...rest, linear: 0 }, method: "full", optimizer: "adamw", trainable: rest.parameters },
    ...{
      batch: 1,
      tokens: 512,
      answers: 8,
      precision: "bf16",
      baseUnit: 2,
      checkpointing: true,
      onProcessor: false,
      devices: 1,
      shards: 1,
    },
  };
  const [one, many] = [memoryParts(question), memoryParts({ ...question, devices: 8 })];
  expect(many.peak - one.peak).toBe(4 * rest.parameters);
  expect([many.weights, many.optimizer]).toEqual([one.weights, one.optimizer]);
  expect(memoryParts({ ...question, devices: 8, shards: 8 }).weights).toBe(one.weights / 8);
});

test("on the processor it is within 15 % of the largest memory that a process held (Linux, VmHWM, fp32)", () => {
  const blocks = { layers: 2, hidden: 896, intermediate: 4864, vocabulary: 151_936 };
  const size = { parameters: 165_960_320, linear: 29_818_880, ...blocks };
  const demo = { parameters: 919_680, linear: 786_432, layers: 4, hidden: 128, intermediate: 384, vocabulary: 1024 };
  const layers = { layers: 14, hidden: 768, intermediate: 2048, vocabulary: 1024 };
  const middle = {
    ...{ size: { parameters: 87_528_960, linear: 86_704_128, ...layers }, batch: 2, answers: 4 },
    ...{ checkpointing: true },
  };
  const measured: [Partial<MemoryQuestion> & { size: MemoryQuestion["size"] }, number][] = [
    [{ size, method: "full", trainable: size.parameters, batch: 4 }, 4.32],
    [{ size, method: "lora", trainable: 183_296, batch: 4 }, 1.65],
    [{ size, method: "lora", trainable: 183_296, batch: 16 }, 1.91],
    // Beside Python itself a tiny model counts little: the adapter's process even takes a little more.
    [{ size: demo, method: "full", trainable: demo.parameters, batch: 16 }, 0.927],
    [{ size: demo, method: "lora", trainable: 38_912, batch: 16 }, 0.937],
    [{ ...middle, method: "full", trainable: middle.size.parameters }, 2.15],
    [{ ...middle, method: "lora", trainable: 1_505_280 }, 1.22],
    [{ ...middle, method: "full", trainable: middle.size.parameters, devices: 2 }, 2.49],
    [{ ...middle, method: "lora", trainable: 1_505_280, devices: 2 }, 1.42],
    [{ ...middle, method: "full", trainable: middle.size.parameters, devices: 2, shards: 2 }, 1.78],
    [{ ...middle, method: "lora", trainable: 1_505_280, devices: 2, shards: 2 }, 1.23],
  ];
  for (const [question, expected] of measured) {
    const parts = memoryParts({
      ...{
        method: "lora",
        optimizer: "adamw",
        trainable: 0,
        batch: 1,
        tokens: 60,
        answers: 16,
        precision: "fp32",
        baseUnit: 4,
      },
      ...{ checkpointing: false, onProcessor: true, devices: 1, shards: 1, ...question },
    });
    expect(Math.abs(totalOf(parts) / gibibyte - expected) / expected).toBeLessThan(0.15);
  }
});

test.each<[Name, number]>([
  ["0.5B", 549_888],
  ["1.5B", 1_154_048],
  ["3B", 1_870_848],
])("parameters of an adapter at all projections of %s, per rank", (name, perRank) => {
  expect(trainableOf(configOf({ lora: { rank: 16 } }), modelOf(name))).toBe(16 * perRank);
});

test("other ways stand beside the chosen one, and what fits says so", () => {
  const config = configOf({ method: "full", batch: { effective: 8, device: 1 } });
  const estimate = estimateMemory(config, modelOf("1.5B"), card(24));
  expect(estimate.totalBytes).toBeGreaterThan(card(24).freeBytes);
  expect(estimate.others.map(({ method }) => method)).toEqual(["lora", "qlora"]);
  expect(totalOf(estimate.parts)).toBeCloseTo(estimate.totalBytes, 0);
  expect(estimateMemory(config, modelOf("1.5B"), card(40)).totalBytes).toBeLessThan(card(40).freeBytes);
});

describe("the cheapest change that fits", () => {
  test("a batch that no device takes is no list to go through", () => {
    const config = configOf({ batch: { effective: 2 ** 50, device: 2 ** 49 }, precision: "bf16", ...onAll });
    expect(remedyFor(config, modelOf("0.5B"), [card(12)])?.values).toEqual({ "batch.device": 8 });
    expect(divisorsOf(2 ** 53 - 2, 9)).toEqual([6, 5, 3, 2, 1]);
  });

  test("smaller parts of the same batch come first, the largest that fits", () => {
    const config = configOf({ batch: { effective: 32, device: 32 }, precision: "bf16", ...onAll });
    const remedy = remedyFor(config, modelOf("0.5B"), [card(12)]);
    expect(remedy?.values).toEqual({ "batch.device": 8 });
    expect(remedy?.text).toContain("32");
  });
  test("all weights that do not fit at all become a LoRA", () => {
    const config = configOf({ method: "full", batch: { effective: 32, device: 8 }, precision: "bf16" });
    expect(remedyFor(config, modelOf("3B"), [card(24)])?.values).toMatchObject({ method: "lora" });
    expect(remedyFor(config, modelOf("3B"), [card(5)])?.values).toMatchObject({ method: "qlora" });
  });
  test("nothing fits a card that is too small", () => {
    expect(remedyFor(configOf({}), modelOf("3B"), [card(1)])).toBeUndefined();
  });
});

test("an automatic device batch is the largest part of the effective one that leaves a tenth free", () => {
  const config = configOf({ batch: { effective: 24 }, precision: "bf16", ...onAll });
  const fixed = (device: number) => gibibytes("0.5B", "lora", device, { batch: { effective: 24, device }, ...onAll });
  const estimate = estimateMemory(config, modelOf("0.5B"), card(fixed(8) / 0.9 + 0.01));
  expect(estimate.totalBytes / gibibyte).toBeCloseTo(fixed(8), 6);
});

describe("a model divided among several cards", () => {
  const eight = {
    method: "full",
    device: "cuda:0,1,2,3,4,5,6,7",
    batch: { effective: 8, device: 1 },
    precision: "bf16",
  };
  const estimated = (gigabytes: number, more: Record<string, unknown> = {}) =>
    estimateMemory(configOf({ ...eight, ...more }), modelOf("3B"), card(gigabytes));

  test("a card holds its part of weights and optimizer states, and whole the layers at work", () => {
    const [whole, part] = [estimated(80, { sharding: "none" }), estimated(80, { sharding: "full" })];
    expect(part.parts.weights).toBe((whole.parts.weights ?? 0) / 8);
    expect(part.parts.optimizer).toBe((whole.parts.optimizer ?? 0) / 8);
    expect(part.parts.kept).toBe(whole.parts.kept);
    const { parameters, linear, layers, vocabulary, hidden } = sizeOf(modelOf("3B"));
    const gathered = 4 * (parameters - linear) + (8 * linear) / layers;
    expect(part.parts.peak).toBeCloseTo(gathered + parameters / 2 + 8 * vocabulary * hidden, 0);
  });
  test("by itself where only a part fits", () => {
    expect(estimated(96).totalBytes).toBe(estimated(96, { sharding: "none" }).totalBytes);
    expect(estimated(24).totalBytes).toBe(estimated(24, { sharding: "full" }).totalBytes);
    expect(estimated(8).totalBytes).toBe(estimated(8, { sharding: "none" }).totalBytes);
    const single = estimated(24, { device: "cuda:0" });
    expect(single.totalBytes).toBe(estimated(24, { device: "cuda:0", sharding: "none" }).totalBytes);
    const packed = { method: "qlora", batch: { effective: 8 } };
    expect(estimated(3, packed).parts).toEqual(estimated(3, { ...packed, sharding: "none" }).parts);
  });
});

describe("the samples of both sides", () => {
  type Sample = { base_unit: 2 | 4; host: boolean };
  type Choice = Pick<RunConfig, "sharding"> & { question: Sample; free: number; effective: number } & {
    batch: number | "auto";
    expected: [string, number];
  };
  const samples: { estimates: { question: Sample; parts: Record<string, number> }[]; choices: Choice[] } = JSON.parse(
    readFileSync("trainer/samples/memory.json", "utf8"),
  );
  const questionIn = ({ base_unit, host, ...rest }: Sample) =>
    ({ ...rest, baseUnit: base_unit, onProcessor: host }) as unknown as MemoryQuestion;

  test("bytes by part", () => {
    expect(samples.estimates.length).toBeGreaterThan(5);
    for (const { question, parts } of samples.estimates) {
      const found = memoryParts(questionIn(question));
      for (const [part, bytes] of Object.entries({ ...found, total: totalOf(found) })) {
        expect(Math.abs(bytes - (parts[part] ?? 0)), part).toBeLessThan(5);
      }
    }
  });
  test.each(samples.choices)(
    "sharding and device batch %#",
    ({ question, free, effective, batch, sharding, expected }) => {
      const found = layOut(questionIn(question), { sharding, batch: { effective, device: batch } }, free);
      expect([found.shards > 1 ? "full" : "none", found.batch]).toEqual(expected);
    },
  );
});

test("processes on the processor share what is free; of several cards the fullest counts", () => {
  const processor: TrainingDevice = { ...card(8), id: "cpu", kind: "cpu" };
  expect(roomOf(configOf({ device: "cpu:2" }), processor)).toBe(4 * gibibyte);
  const cards = [card(8), { ...card(6), id: "cuda:1" }, { ...card(2), id: "cuda:2" }];
  expect(deviceOf("cuda:0,1", cards).id).toBe("cuda:1");
  expect(roomOf(configOf({ device: "cuda:0,1" }), deviceOf("cuda:0,1", cards))).toBe(6 * gibibyte);
});

describe("a run that could stand on several cards", () => {
  const cards = [card(40), { ...card(20), id: "cuda:1" }, { ...card(40), id: "cuda:2" }];
  const full = { method: "full", batch: { effective: 8, device: 1 }, precision: "bf16" };
  test("is divided among those it has before it trains something else", () => {
    const config = configOf({ ...full, device: "cuda:0,2", sharding: "none" });
    expect(remedyFor(config, modelOf("3B"), cards)?.values).toEqual({ sharding: "full" });
    const half = configOf({ ...full, device: "cuda:0,2", sharding: "none", precision: "fp16" });
    expect(remedyFor(half, modelOf("3B"), cards)?.values).toMatchObject({ method: "lora" });
  });
  test("takes the freest card more, where one does not do", () => {
    const config = configOf({ ...full, device: "cuda:0" });
    expect(remedyFor(config, modelOf("3B"), cards)?.values).toEqual({ device: "cuda:0,2", sharding: "full" });
    expect(remedyFor(config, modelOf("3B"), cards.slice(0, 1))?.values).toMatchObject({ method: "lora" });
    const odd = configOf({ ...full, device: "cuda:0", batch: { effective: 7, device: 1 } });
    expect(remedyFor(odd, modelOf("3B"), cards)?.values).toMatchObject({ method: "lora" });
  });
});
