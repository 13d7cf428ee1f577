import { cpSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { makeAlert } from "../../contract/alerts.ts";
import { evaluationSettings, type TaskSpec, type VariantSpec } from "../../contract/domain/evaluation.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/types.ts";
import { evaluationDocument } from "./document.ts";
import {
  type EvaluationQuestion,
  type EvaluationResult,
  type EvaluationStep,
  evaluateVariant,
  storedVariant,
} from "./evaluate.ts";
import { planVariant } from "./plan.ts";
import type { ScoreRequest } from "./request.ts";
import type { ScorerOptions } from "./scorer.ts";
import { createEvaluationMemory, type EvaluationServices } from "./services.ts";
import { readTask } from "./tasks/read-task.ts";

const demo = fileURLToPath(new URL("../../../demo", import.meta.url));
const settings = evaluationSettings.parse({});

let folder: string;
let base: string;
let store: Store;
beforeEach(async () => {
  folder = temporaryFolder("evaluate");
  base = join(folder, "base");
  cpSync(join(demo, "base"), base, { recursive: true });
  store = await openStore(join(folder, "store.duckdb"));
});
afterEach(() => store.close());

/** An answer that follows from the request alone, so that it can be told whose answer it is. */
function answerTo({ input, targets }: ScoreRequest): number {
  return -[...input, ...targets].reduce((sum, token, place) => (sum * 31 + token * (place + 1)) % 9973, 7) / 1000;
}

interface FakeRuns {
  services: EvaluationServices;
  opened: ScorerOptions[];
  closed: number;
  asked: ScoreRequest[];
}

/** A scorer that answers eight requests at a time; `before` is called ahead of each batch. */
function fakeRuns(before: (batch: number) => void | Promise<void> = () => undefined, fingerprint = "f"): FakeRuns {
  const runs: FakeRuns = { opened: [], closed: 0, asked: [] } as unknown as FakeRuns;
  const begin = async (options: ScorerOptions) => {
    runs.opened.push(options);
    return {
      info: { vocabRows: options.vocabRows ?? 0, packed: true, maxLength: 256, headRows: 1024, peakMemoryBytes: 1 },
      ...{ alerts: [], pid: undefined },
      async *score(requests: readonly ScoreRequest[], _: string | undefined, signal?: AbortSignal) {
        for (let start = 0; start < requests.length; start += 8) {
          await before(start / 8);
          if (signal?.aborted) throw new DeltaScopeError("job.cancelled", "The work was cancelled.");
          const batch = requests.slice(start, start + 8);
          runs.asked.push(...batch);
          yield batch.map((request, index) => ({
            index: start + index,
            result: { loglikelihood: answerTo(request), greedy: answerTo(request) > -1 },
          }));
        }
      },
      async close() {
        runs.closed += 1;
      },
    };
  };
  const materialise = async ({ base: model }: VariantSpec) => ({
    ...{ model, factors: undefined, merged: undefined, alerts: [] },
    fingerprint,
  });
  runs.services = { ...createEvaluationMemory(begin), store, materialise };
  return runs;
}

function taskOf(name: string): TaskSpec {
  return { name, file: join(demo, "tasks", `${name}.jsonl`), role: "retain" };
}

async function questionOf(
  names: readonly string[],
  changes: Partial<EvaluationQuestion> = {},
): Promise<EvaluationQuestion> {
  const asked = changes.settings ?? settings;
  const tasks = await Promise.all(names.map((name) => readTask(taskOf(name), asked)));
  return { variant: { base }, label: "base", tasks, settings: asked, threads: 1, ...changes };
}

interface Collected {
  steps: EvaluationStep[];
  result: EvaluationResult;
}

async function collect(events: AsyncGenerator<EvaluationStep, EvaluationResult>): Promise<Collected> {
  const steps: EvaluationStep[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done) return { steps, result: next.value };
    steps.push(next.value);
  }
}

const scoredSteps = (steps: readonly EvaluationStep[]) =>
  steps.flatMap((step) => (step.type === "scored" ? [`${step.result.task} ${step.stored}`] : []));

test("what is stored is not asked again, and the document is the same", async () => {
  const first = fakeRuns();
  const question = await questionOf(["facts", "kinds"]);
  const one = await collect(evaluateVariant(question, first.services));
  expect(scoredSteps(one.steps)).toEqual(["facts false", "kinds false"]);
  expect(one.result.requests).toBe(first.asked.length);
  const second = fakeRuns();
  const two = await collect(evaluateVariant(question, second.services));
  expect(second.opened).toEqual([]);
  expect(scoredSteps(two.steps)).toEqual(["facts true", "kinds true"]);
  const [before, after] = [one, two].map(({ result }) =>
    evaluationDocument(question, result, { alerts: [], seconds: 0 }),
  );
  expect(after).toEqual({ ...before, settings: after?.settings, provenance: after?.provenance });
  expect(after?.provenance).toMatchObject({
    requests: 0,
    reused: one.result.results.reduce((sum, { items }) => sum + items, 0),
  });
  expect(await storedVariant(question, second.services)).toEqual(one.result.results);
});

test("the same weights under another config.json are another model", async () => {
  await collect(evaluateVariant(await questionOf(["kinds"]), fakeRuns().services));
  const file = join(base, "config.json");
  const config = JSON.parse(readFileSync(file, "utf8"));
  const yarn = { rope_type: "yarn", factor: 4, rope_theta: 1e4, original_max_position_embeddings: 128 };
  writeFileSync(file, JSON.stringify({ ...config, rope_parameters: yarn }));
  const other = fakeRuns();
  const { result } = await collect(evaluateVariant(await questionOf(["kinds"]), other.services));
  expect(result.reused).toBe(0);
  expect(other.asked.length).toBeGreaterThan(0);
});

test("what was odd about the items is told again with stored answers", async () => {
  const short = { settings: { ...settings, maxLength: 8 } };
  const codes = ({ steps }: Collected) => steps.flatMap((step) => (step.type === "alert" ? [step.alert.code] : []));
  const question = await questionOf(["compare"], short);
  const first = await collect(evaluateVariant(question, fakeRuns().services));
  expect(codes(first)).toContain("task.items-truncated");
  expect(codes(await collect(evaluateVariant(question, fakeRuns().services)))).toEqual(codes(first));
  expect(codes(await collect(evaluateVariant(await questionOf(["facts"]), fakeRuns().services)))).toEqual([]);
});

test("that a model was merged first is told once, and again with stored answers", async () => {
  const merged = makeAlert("evaluation.merged-first", "Merged in float32.", "here", "info");
  const told = async (names: readonly string[]) => {
    const runs = fakeRuns();
    const { materialise } = runs.services;
    runs.services.materialise = async (variant) => ({
      ...(await materialise(variant)),
      ...{ merged: "DoRA", alerts: [merged] },
    });
    const { steps } = await collect(evaluateVariant(await questionOf(names), runs.services));
    return steps.flatMap((step) => (step.type === "alert" ? [step.alert] : []));
  };
  expect(await told(["facts", "kinds"])).toEqual([merged]);
  expect(await told(["facts", "kinds"])).toEqual([merged]);
  expect(await told(["facts", "arithmetic"])).toEqual([merged]);
});

test("each item has its own answers, in the order of its choices", async () => {
  const { services, asked } = fakeRuns();
  const question = await questionOf(["facts"]);
  const { result } = await collect(evaluateVariant(question, services));
  const [task] = question.tasks;
  const [facts] = result.results;
  expect(task?.items).toHaveLength(facts?.perItem.length ?? 0);
  const answers = facts && "metrics" in facts ? facts.perItem.flatMap(({ loglikelihoods }) => loglikelihoods) : [];
  expect(answers).toEqual(asked.map(answerTo));
});

test("a cancelled evaluation keeps its batches and goes on with the rest", async () => {
  const stop = new AbortController();
  const first = fakeRuns((batch) => (batch === 5 ? stop.abort() : undefined));
  const question = await questionOf(["facts"]);
  const steps = collect(evaluateVariant(question, first.services, stop.signal));
  await expect(steps).rejects.toMatchObject({ code: "job.cancelled" });
  expect(first.closed).toBe(1);
  const [stored] = await store.evaluations();
  expect(stored?.answered).toBe(Math.floor((5 * 8) / 4));
  expect(await storedVariant(question, first.services)).toEqual([]);

  const second = fakeRuns();
  const { result } = await collect(evaluateVariant(question, second.services));
  expect(result.reused).toBe(stored?.answered);
  const texts = [...first.asked, ...second.asked].map((request) => JSON.stringify(request));
  expect(new Set(texts).size).toBe(texts.length);
});

test("progress counts items over all tasks, with what is stored done at the start, and ends with the last one", async () => {
  const { services } = fakeRuns();
  await collect(evaluateVariant(await questionOf(["facts"]), services));
  const slow = fakeRuns(() => setTimeout(20));
  const { steps, result } = await collect(evaluateVariant(await questionOf(["facts", "kinds"]), slow.services));
  const done = steps.flatMap((step) => (step.type === "progress" ? [step.progress] : []));
  const [facts = 0, kinds = 0] = result.results.map(({ items }) => items);
  expect(done[0]?.done).toBeGreaterThan(facts);
  expect(done.at(-1)).toMatchObject({ phase: "score", unit: "items", done: facts + kinds, total: facts + kinds });
});

test("a model that changes meanwhile voids what was scored since the start, not what was stored before", async () => {
  await collect(evaluateVariant(await questionOf(["kinds"]), fakeRuns().services));
  const touch = (batch: number) => (batch === 3 ? writeFileSync(join(base, "model.safetensors.part"), "x") : undefined);
  const rename = (batch: number) => {
    if (batch !== 3) return;
    cpSync(join(demo, "fft", "model.safetensors"), join(base, "model.safetensors"));
  };
  const { services } = fakeRuns(rename);
  await expect(collect(evaluateVariant(await questionOf(["facts"]), services))).rejects.toMatchObject({
    code: "source.changed",
  });
  expect((await store.evaluations()).map(({ task, answered }) => [task.name, answered > 0])).toEqual([
    ["facts", false],
    ["kinds", true],
  ]);
  // A file that holds no weights changes nothing.
  const harmless = fakeRuns(touch);
  await collect(evaluateVariant(await questionOf(["facts"]), harmless.services));
});

test("a sample answers from the whole file's answers, and the whole file from the sample's", async () => {
  const few = fakeRuns();
  const limited = await questionOf(["facts"], { settings: { ...settings, limit: 20, seed: 3 } });
  const sample = await collect(evaluateVariant(limited, few.services));
  expect(few.asked).toHaveLength(80);
  const rest = fakeRuns();
  const whole = await collect(evaluateVariant(await questionOf(["facts"]), rest.services));
  expect(whole.result.reused).toBe(20);
  const again = await collect(evaluateVariant(limited, fakeRuns().services));
  expect(again.result.results).toEqual(sample.result.results);
});

test.each([[{ maxLength: 64 }], [{ vocab: "tokenizer" as const, maxLength: 128 }], [{ prefixToken: 5 }]])(
  "settings that change numbers are another question: %j",
  async (changes) => {
    await collect(evaluateVariant(await questionOf(["kinds"]), fakeRuns().services));
    const other = fakeRuns();
    await collect(
      evaluateVariant(await questionOf(["kinds"], { settings: { ...settings, ...changes } }), other.services),
    );
    expect(other.asked.length).toBeGreaterThan(0);
  },
);

test("at λ = 1 a model is as it was trained; at another λ it is another model; labels and threads change nothing", async () => {
  const tuned = join(demo, "lora-r4");
  const at = (lambda: number) => ({
    ...{
      base,
      tuned,
      intervention: { arm: "step" as const, lambda, which: "strongest" as const, k: 10, epsilon: 0.5 },
    },
  });
  const ask = async (variant: VariantSpec, more: Partial<EvaluationQuestion> = {}) => {
    const runs = fakeRuns();
    await collect(evaluateVariant(await questionOf(["kinds"], { variant, ...more }), runs.services));
    return runs.asked.length;
  };
  expect(await ask({ base, tuned })).toBeGreaterThan(0);
  expect(await ask(at(1))).toBe(0);
  expect(await ask({ base, tuned }, { label: "another", threads: 2 })).toBe(0);
  expect(await ask(at(0.5))).toBeGreaterThan(0);
  expect(await ask({ base })).toBeGreaterThan(0);
});

test("an edit that comes out differently than before is scored anew", async () => {
  const variant = { base, tuned: join(demo, "lora-r4") };
  const few = { settings: { ...settings, limit: 5 } };
  await collect(evaluateVariant(await questionOf(["kinds"], { variant, ...few }), fakeRuns().services));
  const other = fakeRuns(undefined, "another");
  const { result } = await collect(evaluateVariant(await questionOf(["kinds"], { variant }), other.services));
  expect(other.asked).toHaveLength((result.results[0]?.items ?? 0) * 4);
});

test("what changed meanwhile is named: the base below an adapter, or the file that was cut", async () => {
  const weights = join(base, "model.safetensors");
  const variant = { base, tuned: join(demo, "lora-r4") };
  const during = async (change: () => void) => {
    const { services } = fakeRuns((batch) => (batch === 3 ? change() : undefined));
    return collect(evaluateVariant(await questionOf(["facts"], { variant }), services)).then(
      () => undefined,
      ({ message }: DeltaScopeError) => message,
    );
  };
  const replaced = await during(() => cpSync(join(demo, "fft", "model.safetensors"), weights));
  expect(replaced?.startsWith(`${base} changed`)).toBe(true);
  const cut = await during(() => truncateSync(weights, 500_000));
  expect(cut?.startsWith(`${weights} changed`)).toBe(true);
  expect(cut).toMatch(/ends at byte/);
});

/** The demo's full fine-tune with other settings in one of its files. */
function tunedWith(file: string, changes: object): string {
  const tuned = join(folder, "tuned");
  cpSync(join(demo, "fft"), tuned, { recursive: true });
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) cpSync(join(base, name), join(tuned, name));
  const place = join(tuned, file);
  writeFileSync(place, JSON.stringify({ ...JSON.parse(readFileSync(place, "utf8")), ...changes }));
  return tuned;
}

test("a fine-tune with other output rows compares by the tokenizer's rows only", async () => {
  const variant = { base, tuned: tunedWith("config.json", { vocab_size: 1000 }) };
  const { services } = fakeRuns();
  await expect(collect(evaluateVariant(await questionOf(["kinds"], { variant }), services))).rejects.toMatchObject({
    code: "evaluation.settings-differ",
    message: expect.stringMatching(/1000 output rows and the base 1024.*--vocab tokenizer/),
  });
  const common = { variant, settings: { ...settings, vocab: "tokenizer" as const } };
  const { result } = await collect(evaluateVariant(await questionOf(["kinds"], common), services));
  expect(result.results).toHaveLength(1);
});

test("inputs longer than the model's own window are refused", async () => {
  const asking = { settings: { ...settings, maxLength: 513 } };
  await expect(
    collect(evaluateVariant(await questionOf(["kinds"], asking), fakeRuns().services)),
  ).rejects.toMatchObject({
    code: "usage.invalid",
    message: expect.stringMatching(/takes 512 tokens at once; .* 513 is more/),
  });
});

test("a fine-tune with a shorter window compares within it only", async () => {
  const variant = { base, tuned: tunedWith("config.json", { max_position_embeddings: 256 }) };
  const { services } = fakeRuns();
  await expect(collect(evaluateVariant(await questionOf(["kinds"], { variant }), services))).rejects.toMatchObject({
    code: "evaluation.settings-differ",
  });
  const short = { variant, settings: { ...settings, maxLength: 256 } };
  await collect(evaluateVariant(await questionOf(["kinds"], short), services));
});

test("the base's prefix token is used for both, and a difference is told", async () => {
  const own = JSON.parse(readFileSync(join(base, "tokenizer.json"), "utf8")) as { model: { vocab: object } };
  const [word = ""] = Object.keys(own.model.vocab).slice(20);
  const variant = { base, tuned: tunedWith("tokenizer_config.json", { bos_token: word }) };
  const { services } = fakeRuns();
  const { steps, result } = await collect(evaluateVariant(await questionOf(["kinds"], { variant }), services));
  const codes = steps.flatMap((step) => (step.type === "alert" ? [step.alert.code] : []));
  expect(codes).toContain("evaluation.prefix-differs");
  expect(result.reference.settings.prefixToken).toBe(0);
});

test("a plan counts what is stored, and tokens only of the rest", async () => {
  const { services } = fakeRuns();
  const both = await questionOf(["facts", "kinds"]);
  const before = await planVariant(both, services);
  await collect(evaluateVariant(await questionOf(["facts"]), services));
  const after = await planVariant(both, services);
  const [facts = 0, kinds = 0] = both.tasks.map(({ items }) => items.length);
  expect(before).toMatchObject({ items: facts + kinds, stored: 0 });
  expect(after).toMatchObject({ items: facts + kinds, stored: facts });
  expect(after.tokens).toBeGreaterThan(0);
  expect(after.tokens).toBeLessThan(before.tokens);
  // 4 layers of 128 × (128 + 64 + 64 + 128) + 3 × 128 × 384 weights, and the head of 1,024 × 128 for each prediction.
  expect((before.estimatedSeconds - 0.5) * 8e10).toBeGreaterThan(2 * before.tokens * 4 * (128 * 384 + 3 * 128 * 384));
  const [one, two] = await Promise.all([1, 2].map((threads) => planVariant({ ...both, threads }, services)));
  expect((one?.estimatedSeconds ?? 0) - 0.5).toBeCloseTo(2 * ((two?.estimatedSeconds ?? 0) - 0.5), 12);
});

test("one scorer serves the variants of one model and grows with what they need", async () => {
  const { services, opened } = fakeRuns();
  await collect(evaluateVariant(await questionOf(["kinds"]), services));
  await collect(
    evaluateVariant(await questionOf(["kinds"], { variant: { base, tuned: join(demo, "lora-r4") } }), services),
  );
  await collect(evaluateVariant(await questionOf(["compare"]), services));
  expect(opened.map(({ model }) => model)).toEqual([base, base]);
  expect(opened[1]?.maxTokens).toBeGreaterThan(opened[0]?.maxTokens ?? 0);
});
