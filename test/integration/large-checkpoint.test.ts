/** Checkpoints of 72 billion parameters in sparse files: what opening and planning them take, and whether the totals are right. */
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { planUnits, summarizePlan } from "../../src/engine/analysis/plan.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import { inspect } from "../../src/engine/inspect.ts";
import { pair } from "../../src/engine/pairing/pair.ts";
import { cpuMilliseconds } from "../builders/cpu-time.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { stackTensors, writeSparseCheckpoint } from "../builders/sparse-checkpoint.ts";

/** Qwen2.5-72B, in shards of 4 GB as it is published. */
const SHAPE = { layers: 80, hidden: 8192, intermediate: 29568, keyValue: 1024, vocabulary: 152_064 };
const CONFIG = {
  architectures: ["Qwen2ForCausalLM"],
  ...{ model_type: "qwen2", num_hidden_layers: 80, hidden_size: 8192, tie_word_embeddings: false, vocab_size: 152_064 },
};
/** As its model card counts them, and two bytes for each. */
const PARAMETERS = 72_706_203_648;

const root = temporaryFolder();
const [base, tuned] = [join(root, "base"), join(root, "tuned")];

beforeAll(() => {
  const checkpoint = { config: CONFIG, tensors: stackTensors(SHAPE), shardBytes: 4e9 };
  for (const folder of [base, tuned]) writeSparseCheckpoint(folder, checkpoint);
});

test("opening takes a second at most and tells the true size", async () => {
  const started = cpuMilliseconds();
  const found = await inspect(base);
  expect(cpuMilliseconds() - started).toBeLessThan(1000);
  expect(found.checkpoint).toMatchObject({ parameters: PARAMETERS, layers: 80, dtype: "BF16", tensors: 963 });
  const shards = found.files.filter(({ name }) => name.endsWith(".safetensors"));
  expect(shards.length).toBeGreaterThanOrEqual(37);
  expect(shards.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(2 * PARAMETERS);
});

test("the plan counts every matrix of both sides once", async () => {
  const { matrices, vectors } = await pair(await open(base), await open(tuned));
  const units = await planUnits([{ analysis: "a", rounding: "bf16", matrices }], 1);
  const plan = summarizePlan(units, 0, { threads: 2, memoryBytes: Number.POSITIVE_INFINITY });
  expect([plan.modules, plan.units, vectors.length]).toEqual([80 * 7 + 2, 80 * 7 + 2, 80 * 5 + 1]);
  const inVectors = 80 * (3 * 8192 + 2 * 1024) + 8192;
  expect(plan.bytesToRead).toBe(2 * 2 * (PARAMETERS - inVectors));
  // Five Gram matrices of the hidden size in double precision, on each of two threads, are most of it.
  expect(plan.peakMemoryBytes).toBeGreaterThan(2 * 5 * 8 * 8192 ** 2);
  expect(plan.peakMemoryBytes).toBeLessThan(2 * 6 * 8 * 8192 ** 2);
});
