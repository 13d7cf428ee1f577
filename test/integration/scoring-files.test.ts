/** What the scorer makes of files: other dtypes and layouts, tables under either name, links, and damage. */
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { openScorer, type Scorer } from "../../src/engine/evaluation/scorer.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { safetensorsBytes, writeSafetensors } from "../builders/safetensors.ts";
import {
  brainNumbers,
  copyModel,
  factorsFile,
  largestDifference,
  modelFolder,
  readTensors,
  readTruth,
  replaceWeights,
  scoreAll,
  tokenRequests,
} from "../builders/scoring-models.ts";

const TIED = "q2-tied-bf16";
const UNTIED = "q3-untied-bf16";
const EMBEDDING = "model.embed_tokens.weight";
const HEAD = "lm_head.weight";
const copy = (name: string, change: (config: Record<string, unknown>) => object = (config) => config): string =>
  copyModel(name, join(temporaryFolder("modèle"), "model"), change);
const openCopy = (model: string, linears: string[] = []): Promise<Scorer> =>
  openScorer({ model, linears, threads: 1, maxTokens: 120 });

/** Log-probability of every token of the truth's sequences. */
async function likelihoods(model: string, ids: number[][]): Promise<number[]> {
  const scorer = await openCopy(model);
  try {
    return (await scoreAll(scorer, tokenRequests(ids))).map(({ loglikelihood }) => loglikelihood);
  } finally {
    await scorer.close();
  }
}

async function expectBase(model: string, name: string): Promise<void> {
  const { ids, base } = readTruth(name);
  expect(largestDifference(await likelihoods(model, ids), base.flat())).toBeLessThan(5e-5);
}

describe("the same model stored otherwise gives the same", () => {
  test.each(["F32", "F16"])("%s", async (dtype) => {
    const folder = copy(TIED);
    const tensors = readTensors(folder);
    for (const [name, tensor] of tensors) tensors.set(name, { ...tensor, dtype, data: brainNumbers(tensor) });
    replaceWeights(folder, tensors);
    await expectBase(folder, TIED);
  });

  test("data at an odd offset", async () => {
    const folder = copy(TIED);
    const bytes = safetensorsBytes(readTensors(folder));
    const length = Number(bytes.readBigUInt64LE(0));
    const header = Buffer.alloc(8);
    header.writeBigUInt64LE(BigInt(length + 3));
    const parts = [header, bytes.subarray(8, 8 + length), Buffer.from("   "), bytes.subarray(8 + length)];
    writeFileSync(join(folder, "model.safetensors"), Buffer.concat(parts));
    await expectBase(folder, TIED);
  });

  test("the one table of a tied model under the output layer's name", async () => {
    const folder = copy(TIED);
    const renamed = [...readTensors(folder)].map(
      ([name, tensor]) => [name === EMBEDDING ? HEAD : name, tensor] as const,
    );
    replaceWeights(folder, new Map(renamed));
    await expectBase(folder, TIED);
  });

  test("links of a Hub cache, shards in several folders", async () => {
    const cache = join(temporaryFolder("é x"), "models--owner--name");
    const snapshot = join(cache, "snapshots", "0123456789abcdef0123456789abcdef01234567");
    mkdirSync(snapshot, { recursive: true });
    readdirSync(modelFolder(UNTIED)).forEach((name, index) => {
      const blob = join(cache, "blobs", String(index % 2), `${index}`);
      mkdirSync(dirname(blob), { recursive: true });
      copyFileSync(join(modelFolder(UNTIED), name), blob);
      symlinkSync(relative(snapshot, blob), join(snapshot, name));
    });
    await expectBase(snapshot, UNTIED);
  });
});

describe("output layers", () => {
  test("a tied model with a differing table of its own is scored with the embedding, and says so", async () => {
    const folder = copy(UNTIED, (config) => ({ ...config, tie_word_embeddings: true }));
    const alone = copy(UNTIED, (config) => ({ ...config, tie_word_embeddings: true }));
    replaceWeights(alone, new Map([...readTensors(alone)].filter(([name]) => name !== HEAD)));
    const { ids } = readTruth(UNTIED);
    expect(await likelihoods(folder, ids)).toEqual(await likelihoods(alone, ids));
    const [scorer, quiet] = [await openCopy(folder), await openCopy(alone)];
    expect(scorer.alerts.map(({ code }) => code)).toEqual(["evaluation.head-ignored"]);
    expect(quiet.alerts).toEqual([]);
    await Promise.all([scorer.close(), quiet.close()]);
  });

  test("an untied model without its output layer is refused, where transformers would draw it at random", async () => {
    const folder = copy(TIED, (config) => ({ ...config, tie_word_embeddings: false }));
    await expect(openCopy(folder)).rejects.toMatchObject({
      code: "evaluation.unsupported",
      message: expect.stringContaining(HEAD),
    });
  });
});

describe("refused before the runtime sees it", () => {
  test.each([
    [
      "a layer that the config promises",
      { num_hidden_layers: 4, layer_types: null },
      "model.layers.3.input_layernorm.weight",
    ],
    ["another width", { intermediate_size: 512 }, "config.json implies [512,96]"],
    ["another vocabulary", { vocab_size: 900 }, "config.json implies [900,96]"],
  ])("%s", async (_, changes, message) => {
    const folder = copy(TIED, (config) => ({ ...config, ...changes }));
    await expect(openCopy(folder)).rejects.toMatchObject({
      code: "evaluation.unsupported",
      message: expect.stringContaining(message),
    });
  });

  test("a dtype that cannot be scored, a module that does not exist, packing with windows", async () => {
    const folder = copy(TIED);
    const tensors = readTensors(folder);
    const name = "model.layers.0.mlp.up_proj.weight";
    const tensor = tensors.get(name);
    if (!tensor) throw new Error("no tensor");
    tensors.set(name, { ...tensor, dtype: "F64", data: brainNumbers(tensor) });
    replaceWeights(folder, tensors);
    await expect(openCopy(folder)).rejects.toThrow(/stored as F64/);
    await expect(openCopy(modelFolder(TIED), ["model.layers.9.mlp.up_proj"])).rejects.toThrow(/no linear layer/);
    const window = { model: modelFolder("q2-yarn-window-bf16"), linears: [], threads: 1, maxTokens: 9, packed: true };
    await expect(openScorer(window)).rejects.toThrow(/sliding windows/);
  });

  test("tokens, targets and lengths outside the model; factors that do not fit", async () => {
    const module = "model.layers.0.mlp.up_proj";
    const scorer = await openCopy(modelFolder(TIED), [module]);
    const bad = (input: number[], targets: number[], message: RegExp): Promise<void> =>
      expect(scoreAll(scorer, [{ input, targets }])).rejects.toThrow(message);
    await bad([-1, 2], [3], /token -1, outside the embedding of 832 rows/);
    await bad([1, 832], [3], /token 832/);
    await bad([1, 2.5], [3], /token 2.5/);
    await bad([1, 2], [-100], /token -100, outside the output layer/);
    await bad([1, 2], [], /scores no token/);
    await bad([1], [2, 3], /more than its input has/);
    await bad(Array<number>(121).fill(1), [3], /121 tokens; the scorer was opened for 120/);
    const file = join(temporaryFolder(), "factors.safetensors");
    const matrix = (shape: [number, number], dtype = "F32") => ({
      dtype,
      shape,
      data: new Float32Array(shape[0] * shape[1]),
    });
    const refused = async (tensors: Parameters<typeof writeSafetensors>[1], message: RegExp): Promise<void> => {
      writeSafetensors(file, tensors);
      await expect(scoreAll(scorer, [{ input: [1], targets: [2] }], file)).rejects.toThrow(message);
    };
    await refused({ [`${module}.A`]: matrix([2, 96]) }, /lacks its B/);
    await refused({ [`${module}.A`]: matrix([2, 96]), [`${module}.B`]: matrix([256, 3]) }, /F32 \[256,2\] is needed/);
    await refused({ [`${module}.A`]: matrix([2, 96], "F16"), [`${module}.B`]: matrix([256, 2]) }, /is F16/);
    await refused({ [`${module}.C`]: matrix([2, 96]) }, /neither A nor B/);
    await expect(scoreAll(scorer, [{ input: [1], targets: [2] }], factorsFile(TIED))).rejects.toThrow(
      /without low-rank/,
    );
    // After all of that it still works.
    expect(await scoreAll(scorer, [{ input: [1], targets: [2] }])).toHaveLength(1);
    await scorer.close();
  });

  test("a NaN among the weights is named with request and token", async () => {
    const folder = copy(TIED);
    const tensors = readTensors(folder);
    const norm = tensors.get("model.norm.weight");
    if (!norm) throw new Error("no tensor");
    tensors.set("model.norm.weight", { ...norm, data: brainNumbers(norm).fill(Number.NaN, 3, 4) });
    replaceWeights(folder, tensors);
    const scorer = await openCopy(folder);
    await expect(scoreAll(scorer, [{ input: [1, 2], targets: [2, 3] }])).rejects.toMatchObject({
      code: "evaluation.not-finite",
      message: expect.stringContaining("token 0 (id 2) of request 0 is NaN"),
    });
    await scorer.close();
  });
});

describe("files that change while they are mapped", () => {
  const requests = [{ input: [1, 2, 3], targets: [4] }];

  test("written to: what was being scored is void", async () => {
    const folder = copy(UNTIED);
    const scorer = await openCopy(folder);
    expect(await scoreAll(scorer, requests)).toHaveLength(1);
    const shard = join(folder, "model-00002-of-00004.safetensors");
    utimesSync(shard, new Date(), new Date(Date.now() + 5000));
    await expect(scoreAll(scorer, requests)).rejects.toMatchObject({
      code: "source.changed",
      where: shard,
      message: expect.stringContaining(shard),
    });
    await scorer.close();
  });

  test("truncated: the process dies, and its error names the file and both sizes", async () => {
    const folder = copy(TIED);
    const scorer = await openCopy(folder);
    const file = join(folder, "model.safetensors");
    const { length } = readFileSync(file);
    truncateSync(file, 4096);
    await expect(scoreAll(scorer, requests)).rejects.toMatchObject({
      code: "evaluation.process-died",
      where: file,
      message: expect.stringContaining(`it had ${length} bytes and has 4096`),
    });
    await scorer.close();
  });

  test("truncated before: refused by its header", async () => {
    const folder = copy(TIED);
    truncateSync(join(folder, "model.safetensors"), 700_000);
    await expect(openCopy(folder)).rejects.toMatchObject({ code: "source.truncated" });
  });
});
