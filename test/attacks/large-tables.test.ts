/** Tables of a hundred thousand entries: whoever waits for another answer does not wait for them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { planUnits } from "../../src/engine/analysis/plan.ts";
import type { Opened } from "../../src/engine/checkpoint/checkpoint.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import { inspect } from "../../src/engine/inspect.ts";
import { pair } from "../../src/engine/pairing/pair.ts";
import { writeAdapter } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { watchTurns } from "../builders/longest-turn.ts";
import {
  type SparseTensor,
  stackTensors,
  writeSparseCheckpoint,
  writeSparseFile,
} from "../builders/sparse-checkpoint.ts";

/** Turns are meant to stay below 50 ms; collecting garbage now and then adds to one. */
const LONGEST = 120;

const EXPERTS = { layers: 64, hidden: 8, intermediate: 8, keyValue: 8, vocabulary: 64, experts: 520 };
const CONFIG = {
  architectures: ["Qwen3MoeForCausalLM"],
  ...{ model_type: "qwen3_moe", num_hidden_layers: 64, num_experts: 520, tie_word_embeddings: false },
};

const root = temporaryFolder();
const tuned = join(root, "tuned");
let base: Opened;

beforeAll(async () => {
  const tensors = stackTensors(EXPERTS);
  expect(tensors.length).toBeGreaterThan(100_000);
  base = await open(writeSparseCheckpoint(join(root, "base"), { config: CONFIG, tensors }));
  writeSparseCheckpoint(tuned, { config: CONFIG, tensors, shardBytes: 2 ** 20 });
});

/** lora_A and lora_B of every expert of the first layers. */
function expertFactors(modules: string): SparseTensor[] {
  return Array.from({ length: 25_000 }, (_, index) => {
    const [layer, expert] = [Math.floor(index / 1560), Math.floor(index / 3) % 520];
    const kind = ["gate", "up", "down"][index % 3];
    const at = `base_model.model.model.layers.${layer}.${modules}.${expert}.${kind}_proj`;
    return [
      { name: `${at}.lora_A.weight`, dtype: "F32", shape: [2, 8] },
      { name: `${at}.lora_B.weight`, dtype: "F32", shape: [8, 2] },
    ];
  }).flat();
}

function writeExpertAdapter(name: string, modules: string, config: object = {}): string {
  const folder = join(root, name);
  const targets = ["gate_proj", "up_proj", "down_proj"];
  writeAdapter(folder, { config: { r: 2, lora_alpha: 4, target_modules: targets, ...config } });
  writeSparseFile(join(folder, "adapter_model.safetensors"), expertFactors(modules));
  return folder;
}

test("opening, describing, pairing and planning full checkpoints", async () => {
  const { result, longest } = await watchTurns(async () => {
    const { matrices } = await pair(base, await open(tuned));
    const units = await planUnits([{ analysis: "a", rounding: undefined, matrices }], 1);
    return { inspection: await inspect(tuned), units };
  });
  expect(result.inspection.checkpoint?.tensors).toBeGreaterThan(100_000);
  expect(result.units).toHaveLength(64 * (4 + 3 * 520) + 2);
  expect(longest).toBeLessThan(LONGEST);
});

describe("an adapter", () => {
  test("with factors for every expert", async () => {
    const folder = writeExpertAdapter("every-expert", "mlp.experts");
    const { result, longest } = await watchTurns(async () => pair(base, await open(folder)));
    expect(result.matrices).toHaveLength(25_000);
    expect(longest).toBeLessThan(LONGEST);
  });

  test("whose tensors belong to another base", async () => {
    const folder = writeExpertAdapter("another-base", "ffn.experts", { target_modules: ["q_proj", "gate_proj"] });
    const { result, longest } = await watchTurns(async () =>
      pair(base, await open(folder)).catch((thrown: unknown) => thrown),
    );
    expect(result).toMatchObject({ code: "pairing.empty" });
    expect(longest).toBeLessThan(LONGEST);
  });

  test("with a rank for every module", async () => {
    const names = Array.from({ length: 80_000 }, (_, index) => {
      return `model.layers.${Math.floor(index / 1560)}.mlp.experts.${Math.floor(index / 3) % 520}.${index % 3}_proj`;
    });
    const patterns = Object.fromEntries(names.map((name) => [name, 2]));
    const folder = writeExpertAdapter("every-rank", "mlp.experts", { rank_pattern: patterns, alpha_pattern: patterns });
    const { result, longest } = await watchTurns(async () => pair(base, await open(folder)));
    expect(result.matrices).toHaveLength(25_000);
    expect(longest).toBeLessThan(LONGEST);
  });
});

describe("a config.json of 10 MB", () => {
  const small = stackTensors({ ...EXPERTS, layers: 1, experts: 2 });

  function withConfig(name: string, config: object): string {
    const folder = join(root, name);
    mkdirSync(folder);
    writeSparseCheckpoint(folder, { config: { ...CONFIG, ...config }, tensors: small });
    return folder;
  }

  test("of long texts opens", async () => {
    const texts = Array.from({ length: 10_000 }, (_, index) => `${index} ${"x".repeat(1000)}`);
    const folder = withConfig("texts", { notes: texts });
    const { result, longest } = await watchTurns(() => open(folder));
    expect(result.kind).toBe("full");
    expect(longest).toBeLessThan(LONGEST);
  });

  test("of hundreds of thousands of keys is refused before it is parsed", async () => {
    const keys = Object.fromEntries(Array.from({ length: 600_000 }, (_, index) => [`key ${index}`, index]));
    const folder = withConfig("keys", { keys });
    const { result, longest } = await watchTurns(() => open(folder).catch((thrown: unknown) => thrown));
    expect(result).toMatchObject({ code: "checkpoint.config-invalid", message: expect.stringContaining("entries") });
    expect(longest).toBeLessThan(LONGEST);
  });

  test("with Python's numbers opens", async () => {
    const folder = withConfig("python", {});
    const numbers = Array.from({ length: 100_000 }, (_, index) => (index % 2 === 0 ? "NaN" : "-Infinity"));
    const text = `{"model_type": "qwen3_moe", "limits": [${numbers.join(",")}], "text": "${"- I N ".repeat(1_300_000)}"}`;
    writeFileSync(join(folder, "config.json"), text);
    const { result, longest } = await watchTurns(() => open(folder));
    expect(result.kind).toBe("full");
    expect(longest).toBeLessThan(LONGEST);
  });
});
