/** Drafts, typed values, axes and outcomes of fine-tunes, on values worked out by hand. */
import { expect, test } from "vitest";
import type { Job } from "../../../../src/contract/domain/job.ts";
import {
  type GrowthPoint,
  runConfig,
  type SweepSummary,
  type TrainingRun,
} from "../../../../src/contract/domain/training.ts";
import type { OutcomePoint } from "../../../charts/outcome-chart.tsx";
import { crossingsOf, gapsOf } from "./crossings.ts";
import { adapterFields, dataFields, type FieldEntry, optimiserFields, textOf, typedValue } from "./fields.ts";
import { stackOf, totalOf } from "./growth.ts";
import { outcomeWords, shownLeadChange } from "./outcome-words.ts";
import { queueWords, secondsLeft } from "./queue-time.ts";
import { readDraft, valueAt, withLength, withValue, writeDraft } from "./recipe.ts";
import { rateAt, ratesAhead } from "./schedule.ts";
import { readPlan, typedValues, withoutValue, withValues, writePlan } from "./sweep-plan.ts";
import { hasSameLength, usualSeconds } from "./usual-time.ts";
import { endWords, presetFacts, variantText } from "./words.ts";

function field(name: string): FieldEntry {
  const found = [...adapterFields, ...dataFields, ...optimiserFields].find((entry) => entry.field === name);
  if (!found) throw new Error(`No field ${name}.`);
  return found;
}

test("a draft keeps only what was set, and leaves no empty group behind", () => {
  const set = withValue(withValue({ preset: "quick" }, "lora.rank", 8), "data.noise", 0.2);
  expect(set).toEqual({ preset: "quick", lora: { rank: 8 }, data: { noise: 0.2 } });
  expect(withValue(set, "lora.rank", undefined)).toEqual({ preset: "quick", data: { noise: 0.2 } });
  expect(valueAt(set, "lora.rank")).toBe(8);
  expect(valueAt(set, "lora.alpha")).toBeUndefined();
  expect(valueAt(set, "toString.length")).toBeUndefined();
});

test("an address holds a preset by its name, anything more as JSON, and rubbish is an empty draft", () => {
  expect(writeDraft({ preset: "quick" })).toBe("quick");
  expect(writeDraft({})).toBeUndefined();
  const draft = { preset: "quick", seed: 3 };
  expect(readDraft(writeDraft(draft))).toEqual(draft);
  expect(readDraft("quick")).toEqual({ preset: "quick" });
  expect(readDraft("{nonsense")).toEqual({});
  expect(readDraft(undefined)).toEqual({});
});

test("epochs and steps exclude each other; taking one back takes both back", () => {
  expect(withLength({}, "max_steps", 40)).toEqual({ epochs: null, max_steps: 40 });
  expect(withLength({ epochs: null, max_steps: 40 }, "epochs", 2)).toEqual({ max_steps: null, epochs: 2 });
  expect(withLength({ epochs: null, max_steps: 40 }, "max_steps", undefined)).toEqual({});
});

test.each([
  ["learning_rate", "2e-4", 0.0002],
  ["learning_rate", "2e−4", 0.0002],
  ["data.noise", "20", 0.2],
  ["data.noise", "12,5", 0.125],
  ["lora.alpha", "32", 32],
  ["lora.alpha", "2 × r", { ratio: 2 }],
  ["lora.alpha", "1.5r", { ratio: 1.5 }],
  ["lora.targets", "all-linear", "all-linear"],
  ["lora.targets", "q_proj, v_proj", ["q_proj", "v_proj"]],
  ["data.labels", "Yes, No", ["Yes", "No"]],
  ["batch.device", "auto", "auto"],
  ["batch.device", "8", 8],
  ["seed", "", undefined],
  ["lora.rank", "many", "many"],
])("%s typed as %j means %j", (name, text, value) => {
  expect(typedValue(field(name), text)).toEqual(value);
});

test.each([
  ["learning_rate", 0.0002, "2e−4"],
  ["data.noise", 0.2, "20"],
  ["warmup", 0.03, "3"],
  ["lora.alpha", { ratio: 2 }, "2 × r"],
  ["data.labels", ["Yes", "No"], "Yes, No"],
  ["data.subset", null, ""],
])("%s of %j reads %j, and means the same when typed again", (name, value, text) => {
  expect(textOf(field(name), value)).toBe(text);
  expect(typedValue(field(name), text)).toEqual(value ?? undefined);
});

test("chips of an axis: several at once, each once, in order; what is no value is refused", () => {
  expect(typedValues("variants", "fft, r4 16")).toEqual(["full", "4", "16"]);
  expect(typedValues("noise", "0, 20%")).toEqual([0, 0.2]);
  expect(typedValues("subset", "0")).toBeUndefined();
  expect(typedValues("variants", "four")).toBeUndefined();
  const plan = withValues(withValues(readPlan(undefined), "variants", ["16", "full"]), "variants", ["4", "16"]);
  expect(plan.variants).toEqual(["full", "4", "16"]);
  expect(withoutValue(plan, "variants", "4").variants).toEqual(["full", "16"]);
  expect(readPlan(writePlan(plan))).toEqual(plan);
  expect(writePlan(readPlan(undefined))).toBeUndefined();
  expect(readPlan("[]")).toEqual(readPlan(undefined));
});

const point = (x: number, mean: number, half: number | null) => ({
  ...{ x, mean, seeds: half === null ? 1 : 3 },
  low: half === null ? null : mean - half,
  high: half === null ? null : mean + half,
});

test("a crossing lies where straight lines meet, its interval where the band of the difference is zero", () => {
  // Differences −0.04, 0.04 over x 0, 0.2 with half-widths √(0.003² + 0.004²) = 0.005.
  const first = [point(0, 0.76, 0.003), point(0.2, 0.74, 0.003)];
  const second = [point(0, 0.8, 0.004), point(0.2, 0.7, 0.004)];
  const gaps = gapsOf(first, second);
  expect(gaps.map(({ mean }) => Number(mean.toFixed(6)))).toEqual([-0.04, 0.04]);
  expect(gaps[0]?.high).toBeCloseTo(-0.035, 9);
  const [crossing] = crossingsOf(gaps, false);
  expect(crossing?.at).toBeCloseTo(0.1, 9);
  expect(crossing?.from).toBeCloseTo(0.0875, 9);
  expect(crossing?.to).toBeCloseTo(0.1125, 9);
});

test("on a logarithmic axis the middle of 100 and 400 is 200", () => {
  const gaps = gapsOf([point(100, 0.5, null), point(400, 0.7, null)], [point(100, 0.6, null), point(400, 0.6, null)]);
  expect(crossingsOf(gaps, true).map(({ at }) => Math.round(at))).toEqual([200]);
  expect(crossingsOf(gaps, true)[0]?.from).toBeUndefined();
});

test("two lines that only touch at an end do not cross; a level stretch in between counts where it begins", () => {
  const line = (...means: number[]) => means.map((mean, index) => point(index / 10, mean, null));
  const flat = line(0.5, 0.5, 0.5, 0.5);
  const places = (...means: number[]) => crossingsOf(gapsOf(line(...means), flat), false).map(({ at }) => at);
  expect(places(0.6, 0.5)).toEqual([]);
  expect(places(0.5, 0.6)).toEqual([]);
  expect(places(0.6, 0.5, 0.6)).toEqual([]);
  expect(places(0.6, 0.5, 0.5, 0.4)).toEqual([0.1]);
});

test("an interval that the seeds leave open on a side says so; only a resolved change of lead is marked in the chart", () => {
  const full = { name: "FFT", letter: "A", points: [point(0, 0.8, 0.004), point(0.2, 0.7, 0.004)] };
  const rank = (name: string, ...points: OutcomePoint[]) => ({ name, letter: "B", points });
  const vague = rank("r 4", point(0, 0.76, 0.2), point(0.2, 0.74, 0.003));
  expect(outcomeWords([full, vague], "accuracy", "noise")[0]).toBe(
    "From 10 % label noise on r 4 leads FFT [below 0 %, 17 %].",
  );
  const vaguer = rank("r 4", point(0, 0.76, 0.2), point(0.2, 0.74, 0.2));
  expect(outcomeWords([full, vaguer], "accuracy", "noise")[0]).toBe(
    "From 10 % label noise on r 4 leads FFT; these seeds do not resolve where.",
  );
  const lone = rank("r 4", point(0, 0.76, null), point(0.2, 0.74, null));
  expect(outcomeWords([full, lone], "accuracy", "noise")[0]).toBe(
    "From 10 % label noise on r 4 leads FFT; one seed gives no interval.",
  );
  const sure = rank("r 1", point(0, 0.76, 0.003), point(0.2, 0.74, 0.003));
  expect(shownLeadChange([full, vague, vaguer, lone, sure], "noise")?.text).toBe("r 1 leads FFT from 10 % [9 %, 11 %]");
  expect(shownLeadChange([full, vague, lone], "noise")).toBeUndefined();
});

test("words say above, below or level, and that one seed gives no interval", () => {
  const full = { name: variantText("full"), letter: "A", points: [point(0, 0.8, 0.004), point(0.2, 0.7, 0.004)] };
  const low = { name: variantText("lora-r4"), letter: "B", points: [point(0, 0.76, 0.003), point(0.2, 0.74, 0.003)] };
  expect(outcomeWords([full, low], "accuracy", "noise")).toEqual([
    "From 10 % label noise on r 4 leads FFT [9 %, 11 %].",
    "At 20 % label noise r 4 is above FFT by +4.0 pp [+3.5, +4.5].",
  ]);
  const same = { name: "r 16", letter: "C", points: [point(0.2, 0.703, 0.003)] };
  expect(outcomeWords([full, same], "accuracy", "noise")).toEqual([
    "At 20 % label noise r 16 and FFT are level: +0.3 pp [−0.2, +0.8], not significant.",
  ]);
  const lone = { name: "r 1", letter: "D", points: [point(0.2, 0.6, null)] };
  expect(outcomeWords([full, lone], "accuracy", "noise")).toEqual([
    "At 20 % label noise r 1 differs from FFT by −10.0 pp; one seed gives no interval.",
  ]);
});

test("the stack names the three kinds with most intruders; the rest is one layer", () => {
  const growth = (step: number, intruders: Record<string, number>): GrowthPoint => ({
    ...{ step, intruders, path: `/run/checkpoint-${step}`, relativeDelta: 0.1 },
    effectiveRank: { median: 2, low: 1, high: 3 },
  });
  const points = [growth(10, { q_proj: 0 }), growth(20, { q_proj: 1, v_proj: 2, o_proj: 3, up_proj: 4 })];
  const stack = stackOf(points);
  expect(stack.kinds.map(({ name }) => name)).toEqual(["up_proj", "o_proj", "v_proj", "others"]);
  expect(stack.points).toEqual([
    { step: 10, counts: [0, 0, 0, 0] },
    { step: 20, counts: [4, 3, 2, 1] },
  ]);
  expect(points.map(totalOf)).toEqual([0, 10]);
  expect(stackOf([growth(10, {})]).kinds).toEqual([]);
});

test("the planned rate is the trainer's: values that a run of 216 steps with 22 of warm-up recorded", () => {
  const config = { learning_rate: 4e-3, schedule: "cosine", warmup: 0.1 } as const;
  const recorded: [number, number][] = [
    [1, 0.00018181818181818183],
    [22, 0.004],
    [23, 0.004],
    [24, 0.003999737767331264],
    [30, 0.003987164072061956],
    [216, 2.6223266873559584e-7],
  ];
  for (const [step, rate] of recorded) expect(rateAt(config, step, 216)).toBeCloseTo(rate, 12);
  const ahead = ratesAhead(config, 100, 216);
  expect(ahead[0]).toEqual({ x: 100, y: rateAt(config, 100, 216) });
  expect(ahead.at(-1)).toEqual({ x: 216, y: rateAt(config, 216, 216) });
  expect(ratesAhead(config, 216, 216)).toEqual([]);
  expect(ratesAhead({ ...config, learning_rate: null }, 0, 216)).toEqual([]);
});

test("a preset in one line names what it sets and nothing else", () => {
  const lora = { method: "lora", lora: { rank: 16 }, learning_rate: 2e-4, epochs: 1, batch: { effective: 32 } };
  expect(presetFacts(lora)).toBe("LoRA r 16, rate 2e−4, 1 epoch, batch 32");
  expect(presetFacts({ method: "full", max_steps: 10, data: { cutoff: 512 } })).toBe("Full, 10 steps, length 512");
  expect(presetFacts({})).toBe("");
});

test("the usual time is the median of finished runs of the same base, of like ones where that is asked", () => {
  const config = (own: object) => runConfig.parse({ run_id: "r", data: { files: [file] }, ...own });
  const file = { path: "/train.jsonl", format: "alpaca" };
  const asked = config({ base: { path: "/base" }, epochs: 2 });
  const ran = (seconds: number, own: object, state: TrainingRun["state"] = "finished"): TrainingRun => ({
    ...{
      id: "r",
      name: "r",
      folder: "/r",
      configSha: null,
      sweep: null,
      unattended: false,
      step: 1,
      steps: 1,
      finalLoss: null,
      state,
    },
    ...{ startedAt: "2026-11-22T10:00:00.000Z", checkpoint: null, outputs: [], error: null },
    finishedAt: new Date(Date.UTC(2026, 10, 22, 10, 0, seconds)).toISOString(),
    config: config({ base: { path: "/base" }, ...own }),
  });
  const runs = [
    ...[ran(10, { epochs: 2 }), ran(30, { epochs: 2 }), ran(50, { epochs: 9 })],
    ...[ran(900, { base: { path: "/other" } }), ran(900, { epochs: 2 }, "failed")],
  ];
  expect(usualSeconds(runs, asked)).toBe(30);
  expect(usualSeconds(runs, asked, hasSameLength(asked))).toBe(20);
  expect(usualSeconds([], asked)).toBeUndefined();
});

test("what waits takes as long as runs like it took; the queue says what it cannot know", () => {
  const config = (changes: object = {}) =>
    runConfig.parse({
      run_id: "r",
      base: { path: "/b" },
      data: { files: [{ path: "/d", format: "alpaca" }] },
      ...changes,
    });
  const runOfId = (id: string, seconds: number | undefined, changes: object = {}) =>
    ({
      ...{ id, config: config(changes), state: seconds === undefined ? "queued" : "finished", sweep: null },
      startedAt: "2026-11-22T10:00:00.000Z",
      finishedAt: seconds === undefined ? null : new Date(Date.UTC(2026, 10, 22, 10) + 1000 * seconds).toISOString(),
    }) as TrainingRun;
  const job = (id: string, state: Job["state"], question: Job["question"], remainingSeconds?: number): Job => ({
    ...{ id, title: id, state, question, error: null, note: null, queuedAt: "", finishedAt: null, analyses: [] },
    progress: { phase: "train", done: 1, total: 2, unit: "steps", elapsedSeconds: 1, remainingSeconds },
    failures: [],
  });
  const training = (run: string) => ({ kind: "training" as const, spec: { run } });
  const download = { kind: "download" as const, spec: { sources: [] } } as unknown as Job["question"];
  const known = {
    runs: [
      runOfId("old", 300),
      runOfId("older", 500),
      runOfId("new", undefined),
      runOfId("odd", undefined, { method: "full" }),
      runOfId("second", undefined, { device: "cuda:1" }),
      runOfId("both", undefined, { device: "cuda:0,1" }),
    ],
    sweeps: [],
    devices: ["cpu"],
  };
  const [running, waiting] = [job("a", "running", training("old"), 240), job("b", "queued", training("new"))];
  expect(secondsLeft(running, known)).toBe(240);
  expect(secondsLeft(waiting, known)).toBe(400);
  expect(queueWords([running, waiting, job("p", "paused", training("new"))], known)).toBe("about 11 min in all");
  // A download goes on beside the runs.
  expect(queueWords([running, waiting, job("d", "running", download, 100)], known)).toBe("about 11 min in all");
  const odd = job("c", "queued", training("odd"));
  expect(secondsLeft(odd, known)).toBeUndefined();
  expect(queueWords([running, odd], known)).toBe("about 4 min in all, without 1 job of unknown length");
  expect(queueWords([odd], known)).toBe("time left unknown");
  expect(queueWords([], known)).toBe("");

  // Two cards: what leaves the choice open takes the free one, then the first again; both together wait for both.
  const two = { ...known, devices: ["cuda:0", "cuda:1", "cpu"] };
  expect(queueWords([running, waiting], two)).toBe("about 6 min 40 s in all");
  const also = (id: string) => job(id, "queued", training(id));
  const three = [running, waiting, job("e", "queued", training("new"))];
  expect(queueWords(three, two)).toBe("about 11 min in all");
  expect(queueWords([running, also("second")], two)).toBe("about 6 min 40 s in all");
  expect(queueWords([running, also("second"), also("both")], two)).toBe("about 14 min in all");

  const ofSweep = { ...runOfId("cell", 300), sweep: "s" };
  const sweep = { id: "s", cells: 9, finished: 1 } as SweepSummary;
  const sweepJob = job("s", "queued", { kind: "sweep", spec: { id: "s" } } as unknown as Job["question"]);
  const swept = { ...known, runs: [ofSweep], sweeps: [sweep] };
  expect(queueWords([sweepJob], swept)).toBe("about 40 min in all");
  expect(queueWords([sweepJob], { ...swept, devices: two.devices })).toBe("about 20 min in all");
});

test("under way a run says what the end of the app does to it, later when it ended", () => {
  const config = runConfig.parse({
    run_id: "r",
    base: { path: "/b" },
    data: { files: [{ path: "/d", format: "csv" }] },
  });
  const run: TrainingRun = {
    ...{ id: "r", name: "r", folder: "/r", config, configSha: null, sweep: null, unattended: false, state: "running" },
    ...{ step: 1, steps: 2, finalLoss: null, checkpoint: null, outputs: [], error: null },
    ...{ startedAt: "2026-11-22T10:00:00.000Z", finishedAt: null },
  };
  expect(endWords(run)).toBe("when the app closes, this run saves and stops");
  expect(endWords({ ...run, unattended: true, state: "stalled" })).toBe("when the app closes, this run keeps training");
  expect(endWords({ ...run, state: "queued" })).toBe("");
  expect(endWords({ ...run, state: "finished", finishedAt: "2026-11-22T10:02:00.000Z" })).toMatch(/took 2 min/);
});

test("along ranks every rank is told against full fine-tuning", () => {
  const point = (x: number, mean: number, half: number) => ({ x, mean, low: mean - half, high: mean + half, seeds: 2 });
  const full = { name: "FFT", letter: "A", points: [1, 16].map((x) => point(x, 0.8, 0.03)) };
  const lora = { name: "LoRA", letter: "B", points: [point(1, 0.6, 0.04), point(16, 0.79, 0.04)] };
  expect(outcomeWords([full, lora], "accuracy", "rank")).toEqual([
    "At rank 1 LoRA is below FFT by −20.0 pp [−25.0, −15.0].",
    "At rank 16 LoRA and FFT are level: −1.0 pp [−6.0, +4.0], not significant.",
  ]);
});
