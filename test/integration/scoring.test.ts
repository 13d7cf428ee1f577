/** The scorer against transformers: every token of small models, plain and packed, with factors, under other configurations. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ScoreRequest } from "../../src/engine/evaluation/request.ts";
import { openScorer, planScoring, type ScorerOptions } from "../../src/engine/evaluation/scorer.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { fc } from "../builders/properties.ts";
import {
  copyModel,
  factorsFile,
  largestDifference,
  modelFolder,
  readTruth,
  readVariants,
  scoreAll,
  scoringModels,
  tokenRequests,
} from "../builders/scoring-models.ts";

/** Nats per token. transformers' own two ways to compute attention differ by 1e-5. */
const TOLERANCE = 5e-5;

const LINEARS = [0, 1, 2].flatMap((layer) =>
  ["self_attn.q_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj"].map(
    (name) => `model.layers.${layer}.${name}`,
  ),
);

const options = (name: string): ScorerOptions => ({
  model: modelFolder(name),
  linears: [],
  threads: 1,
  maxTokens: 120,
});
const hasWindow = (name: string): boolean => name.includes("window");
const ways = scoringModels.flatMap((name) =>
  [false, true].filter((packed) => !(packed && hasWindow(name))).map((packed) => ({ name, packed })),
);

describe("log-probabilities are those of transformers", () => {
  test.each(ways)("$name, packed $packed: as stored, with factors, as stored again", async ({ name, packed }) => {
    const truth = readTruth(name);
    const scorer = await openScorer({ ...options(name), linears: LINEARS, packed });
    const requests = tokenRequests(truth.ids);
    try {
      const base = await scoreAll(scorer, requests);
      const edited = await scoreAll(scorer, requests, factorsFile(name));
      const again = await scoreAll(scorer, requests);
      const values = (results: typeof base): number[] => results.map(({ loglikelihood }) => loglikelihood);
      expect(largestDifference(values(base), truth.base.flat())).toBeLessThan(TOLERANCE);
      expect(largestDifference(values(edited), truth.edited.flat())).toBeLessThan(TOLERANCE);
      expect(values(again)).toEqual(values(base));
      // The factors have to matter, or the comparison would show nothing.
      expect(largestDifference(truth.edited.flat(), truth.base.flat())).toBeGreaterThan(0.1);
      const targets = truth.ids.flatMap((ids) => ids.slice(1));
      const greedy = truth.greedy.flat().map((token, index) => token === targets[index]);
      expect(base.map((result) => result.greedy)).toEqual(greedy);
    } finally {
      await scorer.close();
    }
  });

  test.each(readVariants().filter(([name]) => name !== "attention-bias"))("configuration %s", async (_, variant) => {
    const folder = copyModel(variant.model, join(temporaryFolder(), "model"), () => variant.config);
    await expectTruth(folder, variant.ids, variant.base);
  });

  test("Qwen3 with biases in its attention", async () => {
    const [, variant] = readVariants().find(([name]) => name === "attention-bias") ?? [];
    if (!variant) throw new Error("no truth");
    const folder = copyModel(variant.model, join(temporaryFolder(), "model"), () => variant.config);
    copyFileSync(factorsFile("attention-bias"), join(folder, "biases.safetensors"));
    const index = join(folder, "model.safetensors.index.json");
    const { weight_map: map } = JSON.parse(readFileSync(index, "utf8")) as { weight_map: Record<string, string> };
    for (const layer of [0, 1, 2]) {
      for (const part of ["q", "k", "v", "o"]) {
        map[`model.layers.${layer}.self_attn.${part}_proj.bias`] = "biases.safetensors";
      }
    }
    writeFileSync(index, JSON.stringify({ weight_map: map }));
    await expectTruth(folder, variant.ids, variant.base);
  });

  test("a softmax over fewer rows of the output layer", async () => {
    const { ids, fewerRows } = readTruth("q2-tied-bf16");
    const scorer = await openScorer({ ...options("q2-tied-bf16"), vocabRows: fewerRows.rows });
    const requests = tokenRequests(ids).filter(({ targets }) => targets.every((token) => token < fewerRows.rows));
    const results = await scoreAll(scorer, requests);
    expect(scorer.info).toMatchObject({ vocabRows: fewerRows.rows, headRows: 832, maxLength: 256 });
    await scorer.close();
    const found = results.map(({ loglikelihood }) => loglikelihood);
    expect(largestDifference(found, fewerRows.base.flat())).toBeLessThan(TOLERANCE);
  });
});

async function expectTruth(folder: string, ids: number[][], truth: number[][]): Promise<void> {
  const scorer = await openScorer({ model: folder, linears: [], threads: 1, maxTokens: 120 });
  const results = await scoreAll(scorer, tokenRequests(ids));
  await scorer.close();
  const found = results.map(({ loglikelihood }) => loglikelihood);
  expect(largestDifference(found, truth.flat())).toBeLessThan(TOLERANCE);
}

/** Requests with many shared beginnings: few tokens, short inputs. */
const requestSets = fc.array(
  fc
    .tuple(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 9 }), fc.nat(8), fc.nat(831))
    .map(([input, count, last]): ScoreRequest => {
      const targets = [...input.slice(1), last];
      return { input, targets: targets.slice(-1 - (count % input.length)) };
    }),
  { minLength: 1, maxLength: 25 },
);

test("any set of requests: packed, plain and one by one give the same", { timeout: 120_000 }, async () => {
  const name = "q3-untied-bf16";
  const [packed, plain] = await Promise.all(
    [true, false].map((way) => openScorer({ ...options(name), linears: LINEARS, packed: way })),
  );
  if (!packed || !plain) throw new Error("no scorer");
  const alone = async (requests: ScoreRequest[]): Promise<number[]> => {
    const found: number[] = [];
    for (const request of requests) found.push(...likelihoods(await scoreAll(plain, [request], factorsFile(name))));
    return found;
  };
  const likelihoods = (results: { loglikelihood: number }[]): number[] => results.map((one) => one.loglikelihood);
  try {
    await fc.assert(
      fc.asyncProperty(requestSets, async (requests) => {
        const trees = likelihoods(await scoreAll(packed, requests, factorsFile(name)));
        const chains = likelihoods(await scoreAll(plain, requests, factorsFile(name)));
        expect(largestDifference(trees, chains)).toBeLessThan(TOLERANCE);
        expect(largestDifference(chains, await alone(requests))).toBeLessThan(TOLERANCE);
        // The same request twice is a tie to the last bit.
        requests.forEach((request, index) => {
          const twin = requests.findIndex((other) => JSON.stringify(other) === JSON.stringify(request));
          expect(trees[index]).toBe(trees[twin]);
        });
      }),
      { numRuns: 25, seed: 7 },
    );
  } finally {
    await Promise.all([packed.close(), plain.close()]);
  }
});

test("a plan tells what sharing saves and what memory it takes", async () => {
  const context = Array.from({ length: 60 }, (_, place) => place);
  const requests = [1, 2, 3, 4].map((first) => {
    const ending = Array.from({ length: 25 }, (_, place) => 100 * first + place);
    return { input: [...context, ...ending.slice(0, -1)], targets: ending };
  });
  const model = modelFolder("q2-tied-bf16");
  const [packed, plain] = [await planScoring(model, requests), await planScoring(model, requests, { packed: false })];
  expect(packed).toMatchObject({ rows: 1, tokens: 60 + 4 * 24, packed: true });
  expect(plain).toMatchObject({ rows: 4, tokens: 4 * 84, packed: false });
  expect(packed.peakMemoryBytes).toBeGreaterThan(60e6);
  expect(packed.peakMemoryBytes).toBeLessThan(300e6);
});
