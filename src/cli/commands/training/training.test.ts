import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fakeContext } from "../../../../test/builders/fake-context.ts";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import { configNamed } from "../../../../test/builders/training-bench.ts";
import { jobsDocument, trainingDocument, trainingsDocument } from "../../../contract/documents.ts";
import type { EngineEvent, Job, JobQuestion } from "../../../contract/domain/job.ts";
import {
  type SweepDocument,
  sweepDocument,
  sweepSpec,
  type TrainingHistory,
  type TrainingRun,
} from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { EngineClient } from "../../context.ts";
import { runCommandLine } from "../../program.ts";
import { styleFor } from "../../terminal/style.ts";
import { trainingText } from "../../views/training.ts";

const run: TrainingRun = {
  ...{ id: "quick-1", name: "Quick\u001b[31m", folder: "/runs/quick-1", config: configNamed("quick"), configSha: null },
  ...{
    sweep: null,
    unattended: false,
    state: "finished",
    step: 8,
    steps: 8,
    startedAt: "2026-01-02T03:04:05Z",
    finishedAt: null,
  },
  ...{ finalLoss: 0.1234, checkpoint: "/runs/quick-1/checkpoint-8", error: null },
  outputs: [{ kind: "adapter", path: "/runs/quick-1/final" }],
};
const history: TrainingHistory = {
  ...{ run, progress: [], checkpoints: [], warnings: [], etaSeconds: null, memoryEstimate: null, peakMemory: null },
  phase: null,
  waitsFor: null,
  evals: [{ at: 1.8e9, step: 8, task: "compare", n: 150, accuracy: 0.9, loss: 0.2 }],
  growth: [
    {
      ...{ step: 8, path: "p", intruders: { q_proj: 2, k_proj: 1 }, relativeDelta: 0.05 },
      effectiveRank: { median: 3.04, low: 1, high: 4 },
    },
  ],
};
const spec = sweepSpec.parse({ name: "Ranks", recipe: {}, axes: {} });
const sweep: SweepDocument = {
  ...{ schema: "deltascope.sweep/1", version: "0", id: "ranks-1", spec, folder: "/sweeps/ranks-1", state: "finished" },
  cells: [
    {
      ...{ sha: "00", variant: "full", seed: 1, noise: 0, subset: null, learningRate: 3e-4, run, accuracy: 0.5 },
      ...{ oldTasks: null, intruders: 0, effectiveRank: 44.1, validationLoss: 0.9 },
    },
  ],
  outcome: [
    {
      ...{ axis: "rank", measure: "accuracy" },
      series: [{ variant: "lora", points: [{ x: 4, mean: 0.5, low: 0.4, high: 0.6, seeds: 2 }] }],
    },
  ],
  bestRates: [{ variant: "full", learningRate: 3e-4, validationLoss: 0.9 }],
};

interface Answers {
  /** What the job becomes. */
  end?: Partial<Job>;
  problems?: object[];
  run?: Partial<TrainingRun>;
  warnings?: TrainingHistory["warnings"];
  /** Sources of the Hub that are not on this machine. */
  missing?: { field: string; source: string; select: null }[];
}

const warning = { at: 1.8e9, code: "data.empty-answer", message: "rows.jsonl: 1 row with an empty answer (line 2)." };

function engineOf({ end = {}, problems = [], run: changes, warnings = [], missing = [] }: Answers) {
  const brought: unknown[] = [];
  const looks: string[] = [];
  const asked: JobQuestion[] = [];
  const resolved: object[] = [];
  const started = Promise.withResolvers<Job>();
  const paused = Promise.withResolvers<void>();
  async function* events(): AsyncGenerator<EngineEvent> {
    yield { type: "hello", jobs: [] };
    const job = await started.promise;
    const progress = { phase: "train", done: 3, total: 8, unit: "steps", elapsedSeconds: 1, item: "loss 0.5" } as const;
    yield { type: "training", run: { ...run, id: "another" } };
    yield { type: "training", run: { ...run, step: 0 } };
    for (let step = 1; step < 8; step += 1) yield { type: "training", run: { ...run, step } };
    yield { type: "job", job: { ...job, state: "running", progress: { ...progress, remainingSeconds: 20 } } };
    if (end.state === "paused") await paused.promise;
    yield { type: "job", job: { ...job, state: "finished", ...end } };
  }
  const client = {
    events: async () => events(),
    workspace: { info: async () => ({}) },
    hub: {
      plan: async () => ({
        repository: "o/base",
        revision: "c0ffee00",
        licence: "mit",
        files: [],
        bytes: 9,
        missingBytes: 9,
      }),
      download: async (question: object) => {
        brought.push(question);
        return finishedDownload();
      },
    },
    jobs: {
      start: async (question: JobQuestion) => {
        asked.push(question);
        const named: JobQuestion =
          question.kind === "sweep"
            ? { kind: "sweep", spec: { id: "ranks-1" } }
            : { kind: "training", spec: { run: run.id } };
        const times = { queuedAt: "", finishedAt: null };
        const rest = { id: "j", title: "", error: null, note: "Kept.", progress: null, analyses: [], failures: [] };
        started.resolve({ ...rest, ...times, question: named, state: "queued" });
        return started.promise;
      },
      pause: async () => paused.resolve(),
    },
    training: {
      resolve: async (question: object) => {
        resolved.push(question);
        return { recipe: { preset: "quick" }, problems, missing: [] };
      },
      run: async ({ run: id }: { run: string }) => {
        looks.push(id);
        const told = id === run.id ? warnings : [{ ...warning, code: "of.another" }];
        return { ...history, warnings: told, run: { ...run, ...changes } };
      },
      runs: async () => [run],
      checkpoint: async (question: object) => {
        resolved.push(question);
        return run;
      },
      readSweep: async ({ file }: { file: string }) => ({ sweep: spec, folder: join(file, "..") }),
      sweepNeeds: async () => ({ missing: brought.length > 0 ? [] : missing }),
      plan: async () => {
        if (missing.length > brought.length) throw new DeltaScopeError("recipe.invalid", "base.path: It is not here.");
        return { cells: sweep.cells };
      },
      sweep: async () => sweep,
      printJobs: async () => ({ commands: ["exec one", "exec two"] }),
    },
  } as unknown as EngineClient;
  return { client, asked, resolved, brought, looks };
}

async function* finishedDownload() {
  yield { type: "finished", sources: [{ location: "hf://o/base@c0ffee00", folder: "/cache" }] };
}

async function type(words: string, answers: Answers = {}, workingFolder = "/nowhere", press = false) {
  const context = fakeContext({}, { workingFolder });
  const { client, ...seen } = engineOf(answers);
  context.openEngine = async () => ({ client, connect: () => () => undefined, close: async () => undefined }) as never;
  const ended = runCommandLine(words.split(" "), context);
  if (press) {
    while (seen.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    context.interrupt();
  }
  return { exitCode: await ended, ...seen, out: context.stdout.text, err: context.stderr.text };
}

describe("train", () => {
  test("a file's recipe with its folder; progress on standard error, the summary on standard output", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "sub/r.yaml"), "preset: quick\n");
    const { exitCode, asked, resolved, out, err } = await type("train sub/r.yaml --out run --name Mine", {}, folder);
    expect(exitCode).toBe(0);
    expect(resolved).toEqual([{ file: join(folder, "sub/r.yaml") }]);
    const place = { folder: join(folder, "sub"), out: join(folder, "run"), name: "Mine", resume: false };
    expect(asked).toEqual([{ kind: "training", spec: { recipe: { preset: "quick" }, ...place } }]);
    expect(err).toMatch(/^train: 3\/8 steps, about 20 s left, .*loss 0\.5$/m);
    expect(out).toContain("finished · step 8 of 8 · loss 0.123\nadapter: /runs/quick-1/final");
    expect(out).toMatch(/^ +8 +3 +3\.0 +1\.0–4\.0 +5\.0 %$/m);
    expect(out).not.toContain("\u001b");
  });

  test("what the trainer warns of is told when it does, once, and only of this run", async () => {
    const { err, out, looks } = await type("train quick-demo", { warnings: [warning, warning] });
    // Before the first step, after it, and at the end; not at every step.
    expect(looks).toHaveLength(3);
    const line = `${warning.code}: ${warning.message}\n`;
    expect(err.indexOf(line)).toBeLessThan(err.indexOf("train: 3/8 steps"));
    expect(err.split(line)).toHaveLength(2);
    expect(err).not.toContain("of.another");
    expect(out).toContain(line.trim());
    expect((await type("train quick-demo --quiet", { warnings: [warning] })).err).toBe("");
  });

  test("--json prints the document and nothing else", async () => {
    const { out } = await type("train quick-demo --json --quiet");
    expect(trainingDocument.parse(JSON.parse(out))).toMatchObject({ schema: "deltascope.training/1", run });
  });

  test("faults of a recipe with their lines; nothing is started", async () => {
    const problems = [
      { field: "lora.rank", message: "Too large.", level: "error", line: 3 },
      { field: "", message: "Slow.", level: "warning", line: null },
    ];
    const { exitCode, asked, err } = await type("train quick-demo", { problems });
    expect({ exitCode, asked }).toEqual({ exitCode: 1, asked: [] });
    expect(err).toContain(
      "error quick-demo:3: lora.rank: Too large.\nwarning quick-demo: Slow.\nerror recipe.invalid: ",
    );
    const { error } = JSON.parse((await type("train quick-demo --json", { problems })).out);
    expect(error).toMatchObject({ code: "recipe.invalid", where: "quick-demo" });
    expect(error.faults).toEqual([{ field: "lora.rank", message: "Too large.", line: 3 }]);
  });

  test("Ctrl-C saves a checkpoint and says how to go on", async () => {
    const { exitCode, err } = await type("train quick-demo", { end: { state: "paused" } }, "/nowhere", true);
    expect(exitCode).toBe(130);
    expect(err).toContain("Saving a checkpoint");
    expect(err).toContain("The run stopped at step 8; its checkpoint is kept.");
    expect(err).toContain("deltascope train quick-demo --out /runs/quick-1 --resume");
    expect(err).toMatch(/^tip: .*--resume\.$/m);
  });

  test("the command to go on with names the workspace, and is quoted for a shell", async () => {
    const folder = "/my runs/it's one";
    const { err } = await type(
      "train quick-demo --workspace w$1",
      { end: { state: "paused" }, run: { folder } },
      "/",
      true,
    );
    const command = String.raw`deltascope train quick-demo --out '/my runs/it'\''s one' --workspace 'w$1' --resume`;
    expect(err).toContain(`Go on with: ${command}\n`);
  });

  test("a run that failed", async () => {
    const error = new DeltaScopeError("trainer.killed", "The trainer was ended by SIGKILL.").toDocument();
    const { exitCode, err } = await type("train quick-demo", { end: { state: "failed", error } });
    expect(exitCode).toBe(1);
    expect(err).toContain("error trainer.killed: The trainer was ended by SIGKILL.\ntip: ");
  });
});

describe("sweep", () => {
  test("its runs and their means", async () => {
    const { exitCode, asked, out } = await type("sweep s.yaml --out grid");
    expect(exitCode).toBe(0);
    expect(asked).toEqual([{ kind: "sweep", spec: { sweep: spec, folder: "/nowhere", out: "/nowhere/grid" } }]);
    expect(out).toContain("new tasks against rank");
    expect(out).toMatch(/^lora +4\.00 +50\.0 % +40\.0 % to 60\.0 % +2$/m);
    const { out: text } = await type("sweep s.yaml --json --quiet");
    expect(sweepDocument.parse(JSON.parse(text))).toEqual(sweep);
  });

  test("what its recipes name of the Hub: told with its size, and brought first where that is asked", async () => {
    const missing = [{ field: "base.path", source: "hf://o/base", select: null }];
    const told = await type("sweep s.yaml", { missing });
    expect(told).toMatchObject({ exitCode: 1, asked: [], brought: [] });
    expect(told.err).toMatch(/o\/base at c0ffee0: .* 9 B to load; licence mit\.\nAdd --download/);
    const done = await type("sweep s.yaml --download", { missing });
    expect(done).toMatchObject({
      exitCode: 0,
      brought: [{ sources: [{ source: "hf://o/base", commit: "c0ffee00" }] }],
    });
    expect(done.asked).toHaveLength(1);
  });

  test("--print-jobs prints commands and starts nothing", async () => {
    const { exitCode, asked, out } = await type("sweep s.yaml --out grid --print-jobs");
    expect({ exitCode, asked, out }).toEqual({ exitCode: 0, asked: [], out: "exec one\nexec two\n" });
    const listed = await type("sweep s.yaml --out grid --print-jobs --json");
    expect(jobsDocument.parse(JSON.parse(listed.out)).commands).toEqual(["exec one", "exec two"]);
  });

  test("runs that failed beside the others end with 1", async () => {
    const error = new DeltaScopeError("trainer.data", "Rows are bad.").toDocument();
    const { exitCode, err } = await type("sweep s.yaml", { end: { failures: [{ label: "full", path: "p", error }] } });
    expect(exitCode).toBe(1);
    expect(err).toContain("full: Rows are bad.");
  });
});

describe("runs", () => {
  test("the list, and one by its id", async () => {
    expect((await type("runs")).out).toMatch(/lora r16 +finished +8\/8 +0\.123 +2026-01-02 03:04 +quick-1$/m);
    const { out } = await type("runs --json");
    expect(trainingsDocument.parse(JSON.parse(out)).runs).toEqual([run]);
    expect((await type("runs quick-1")).out).toContain("adapter: /runs/quick-1/final");
    expect((await type("runs nobody")).err).toContain(
      'error training.not-found: There is no fine-tune "nobody".\ntip: `deltascope runs`',
    );
  });
});

test("runs save asks the run for a checkpoint", async () => {
  const { exitCode, resolved, out, err } = await type("runs save quick-1");
  expect({ exitCode, resolved, out }).toEqual({ exitCode: 0, resolved: [{ run: "quick-1" }], out: "" });
  expect(err).toContain("saves a checkpoint after its current step, in /runs/quick-1");
  expect((await type("runs save nobody")).err).toContain("training.not-found");
});

test.each([
  ["train quick-demo --resume", "--resume needs --out"],
  ["sweep s.yaml --print-jobs", "--print-jobs needs --out"],
])("wrong usage: %s", async (words, message) => {
  const { exitCode, err, asked } = await type(words);
  expect({ exitCode, asked }).toEqual({ exitCode: 2, asked: [] });
  expect(err).toContain(message);
});

test.each(["train", "sweep", "runs"])("%s --help has an example", async (verb) => {
  const { exitCode, out } = await type(`${verb} --help`);
  expect(exitCode).toBe(0);
  expect(out).toContain(`$ deltascope ${verb}`);
});

test("what the trainer warned of is said once, however often it resumed", () => {
  const context = fakeContext({});
  const warnings = [warning, { ...warning, at: 1.9e9 }];
  const text = trainingText({ ...history, warnings }, 80, styleFor(context, context.stdout));
  expect(text.match(/data\.empty-answer: rows\.jsonl: 1 row with an empty answer \(line 2\)\./g)).toHaveLength(1);
});
