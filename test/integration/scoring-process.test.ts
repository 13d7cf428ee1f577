/** The scoring process: killed from outside, cancelled, closed; and how much memory it takes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openScorer, type Scorer } from "../../src/engine/evaluation/scorer.ts";
import { makeSparse } from "../../tools/make-checkpoint/make.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { modelFolder, scoreAll } from "../builders/scoring-models.ts";

const MODEL = modelFolder("q2-tied-bf16");
/** Long rows, each a batch of its own. */
const requests = Array.from({ length: 40 }, (_, first) => ({
  input: Array.from({ length: 2000 }, (_, place) => (first + place) % 800),
  targets: [1],
}));
const openLong = (): Promise<Scorer> => openScorer({ model: MODEL, linears: [], threads: 1, maxTokens: 2000 });

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function pidOf({ pid }: Scorer): number {
  if (pid === undefined) throw new Error("no process");
  return pid;
}

test("killed in mid-run: finished batches are kept, the error tells how it ended and what memory it needs", async () => {
  const scorer = await openLong();
  const finished: number[] = [];
  const run = async (): Promise<void> => {
    for await (const batch of scorer.score(requests, undefined)) {
      finished.push(...batch.map(({ index }) => index));
      // The next batch is already asked for when the signal arrives.
      if (finished.length === 2) setTimeout(() => process.kill(pidOf(scorer), "SIGKILL"), 5);
    }
  };
  await expect(run()).rejects.toMatchObject({
    code: "evaluation.process-died",
    message: expect.stringMatching(/signal SIGKILL.*about \d\.\d GB/),
  });
  expect(finished.length).toBeGreaterThanOrEqual(2);
  expect(finished.length).toBeLessThan(requests.length);
  await expect(scoreAll(scorer, requests)).rejects.toMatchObject({ code: "evaluation.process-died" });
  await scorer.close();
});

test("cancelled in mid-batch: the batch is not waited for, and the process is gone", async () => {
  const scorer = await openLong();
  const controller = new AbortController();
  let batches = 0;
  const run = async (): Promise<void> => {
    for await (const _ of scorer.score(requests, undefined, controller.signal)) {
      batches += 1;
      // The next batch never ends.
      process.kill(pidOf(scorer), "SIGSTOP");
      setTimeout(() => controller.abort(), 5);
    }
  };
  await expect(run()).rejects.toMatchObject({ code: "job.cancelled" });
  expect(batches).toBe(1);
  await scorer.close();
  expect(isAlive(pidOf(scorer))).toBe(false);
});

test("Ctrl-C of the terminal, which every process gets, is left to the engine", async () => {
  const scorer = await openLong();
  const few = requests.slice(0, 4);
  const finished: number[] = [];
  for await (const batch of scorer.score(few, undefined)) {
    if (finished.length === 0) process.kill(pidOf(scorer), "SIGINT");
    finished.push(...batch.map(({ index }) => index));
  }
  expect(finished.sort()).toEqual([0, 1, 2, 3]);
  await scorer.close();
});

test("cancelled before it starts: no process is left", async () => {
  const options = { model: MODEL, linears: [], threads: 1, maxTokens: 10 };
  await expect(openScorer(options, AbortSignal.abort())).rejects.toMatchObject({ code: "job.cancelled" });
});

test("leaving early frees the scorer for the next question; two questions at once are refused", async () => {
  const scorer = await openLong();
  for await (const batch of scorer.score(requests, undefined)) {
    expect(batch).toHaveLength(1);
    await expect(scoreAll(scorer, requests)).rejects.toThrow(/one question at a time/);
    break;
  }
  expect(await scoreAll(scorer, [{ input: [1, 2], targets: [3] }])).toHaveLength(1);
  await scorer.close();
  expect(isAlive(pidOf(scorer))).toBe(false);
});

/** Memory that no file stands behind, MB; Linux tells. */
function anonymous(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

test.runIf(process.platform === "linux")("weights are widened one at a time", async () => {
  // 377 MB of linear layers in float32; without the order of its Casts the process grows by more than half of that.
  const sizes = { hiddenSize: 768, intermediateSize: 3072, layers: 10, heads: 12, keyValueHeads: 2, headSize: 64 };
  const shape = { family: "qwen2", ...sizes, vocabularySize: 2048, tiedEmbeddings: true, maxPositions: 512 } as const;
  const model = join(temporaryFolder(), "zeros");
  makeSparse({ shape, folder: model, dtype: "bf16", seed: "0", shardBytes: 1e9, embeddings: true });
  const small = await openScorer({ model: MODEL, linears: [], threads: 1, maxTokens: 64 });
  const request = { input: Array.from({ length: 64 }, (_, place) => place), targets: [1] };
  await scoreAll(small, [request]);
  const before = anonymous(pidOf(small));
  await small.close();
  const scorer = await openScorer({ model, linears: [], threads: 1, maxTokens: 64 });
  const [result] = await scoreAll(scorer, [request]);
  // Weights of zero find every token equally likely.
  expect(result?.loglikelihood).toBeCloseTo(-Math.log(2048), 4);
  const grown = anonymous(pidOf(scorer)) - before;
  await scorer.close();
  expect(grown).toBeLessThan(150);
});

test("without the optional runtime the error tells what is missing", async () => {
  const hook = `import { registerHooks } from "node:module";
    registerHooks({ resolve(name, context, next) {
      if (name === "onnxruntime-node") throw new Error("Cannot find package 'onnxruntime-node'");
      return next(name, context);
    } });`;
  vi.stubEnv("NODE_OPTIONS", `--import=data:text/javascript,${encodeURIComponent(hook)}`);
  try {
    const opened = openScorer({ model: MODEL, linears: [], threads: 1, maxTokens: 10 });
    await expect(opened).rejects.toMatchObject({
      code: "evaluation.runtime-missing",
      tip: expect.stringContaining("npm install"),
      message: expect.stringContaining("Cannot find package"),
    });
  } finally {
    vi.unstubAllEnvs();
  }
});

test("the runtime tells nobody: it keeps no number of this machine and no record of what it ran", async () => {
  const home = temporaryFolder("home");
  for (const name of ["HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"]) vi.stubEnv(name, home);
  // On such machines the runtime is silent by itself.
  for (const name of ["CI", "GITHUB_ACTIONS", "TF_BUILD", "BUILD_BUILDID"]) vi.stubEnv(name, undefined);
  const scorer = await openLong();
  try {
    await scoreAll(scorer, requests.slice(0, 1));
  } finally {
    await scorer.close();
    vi.unstubAllEnvs();
  }
  expect(readdirSync(home, { recursive: true })).toEqual([]);
});
