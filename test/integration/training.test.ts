/**
 * Fine-tunes and a sweep in the whole engine with the real trainer, on the demo's tiny base. Needs a Python with the
 * trainer's packages: $DELTASCOPE_PYTHON, or the trainer's own environment.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { EngineEvent, Job, JobQuestion } from "../../src/contract/domain/job.ts";
import { sweepDocument } from "../../src/contract/domain/training.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { hasPython, noPython, python } from "../builders/trainer-python.ts";
import { demoFolder } from "../builders/training-bench.ts";

const patient = { timeout: 400_000 };

const folder = temporaryFolder();
const engine = openEngine({ workspace: join(folder, "workspace"), threads: 1 });
const { client } = engine;
afterAll(() => engine.close());

/** Follows the question's job to its end; `react` hears every event before. */
async function ended(question: JobQuestion | { resume: string }, react?: (event: EngineEvent, job: Job) => void) {
  const stop = new AbortController();
  const events = await client.events(undefined, { signal: stop.signal });
  const job = await ("resume" in question ? client.jobs.resume({ job: question.resume }) : client.jobs.start(question));
  for await (const event of events) {
    react?.(event, job);
    if (event.type !== "job" || event.job.id !== job.id) continue;
    if (event.job.state !== "queued" && event.job.state !== "running") {
      stop.abort();
      return event.job;
    }
  }
  return expect.fail("The engine ended first.");
}

function runOf({ question }: Job): string {
  return question.kind === "training" && "run" in question.spec ? question.spec.run : expect.fail("No fine-tune.");
}

/** A few items, because every one of them is scored for every run. */
function firstItems(task: string): string {
  const file = join(folder, `${task}.jsonl`);
  const lines = readFileSync(join(demoFolder, "tasks", `${task}.jsonl`), "utf8").split("\n");
  writeFileSync(file, lines.slice(0, 12).join("\n"));
  return file;
}

describe("with the real trainer", () => {
  test(
    "a run is paused and resumed: one history, growth at each checkpoint, the adapter beside its base",
    patient,
    async ({ skip }) => {
      skip(!hasPython, noPython);
      await client.workspace.configure({ python });
      const save = { every: 8, keep: "all" };
      const recipe = { preset: "quick-demo", epochs: null, max_steps: 24, save, eval: { every: 12, tasks: [] } };
      let pausing = false;
      const paused = await ended({ kind: "training", spec: { recipe, name: "Twice" } }, (event, job) => {
        if (event.type !== "training" || event.run.step < 10 || pausing) return;
        pausing = true;
        void client.jobs.pause({ job: job.id });
      });
      expect(paused.state).toBe("paused");
      const run = runOf(paused);
      const between = await client.training.run({ run });
      expect(between.run).toMatchObject({ state: "paused", name: "Twice", steps: 24 });
      expect(between.run.checkpoint).toMatch(new RegExp(`checkpoint-${between.run.step}$`));

      expect(await ended({ resume: paused.id })).toMatchObject({ state: "finished", error: null });
      const history = await client.training.run({ run });
      expect(history.run).toMatchObject({ state: "finished", step: 24 });
      expect(history.progress.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
      // The task is learned: from the loss of an untrained answer to well below it.
      expect(history.progress.at(-1)?.loss ?? 9).toBeLessThan((history.progress[0]?.loss ?? 0) / 2);
      expect(history.growth.map(({ step }) => step)).toEqual(expect.arrayContaining([8, 16, 24]));
      for (const { effectiveRank } of history.growth) expect(effectiveRank.high).toBeLessThanOrEqual(4); // rank 4
      expect(history.evals.filter(({ task }) => task === "validation").map(({ step }) => step)).toEqual([12, 24]);
      const library = await client.library.list();
      const adapter = library.find(({ label }) => label === "Twice");
      const base = library.find(({ path }) => path === join(demoFolder, "base"));
      expect(adapter).toMatchObject({ kind: "adapter", base: base?.id });
      expect((await client.training.runs()).map(({ id }) => id)).toEqual([run]);
    },
  );

  test("a sweep of full fine-tuning and one rank", patient, async ({ skip }) => {
    skip(!hasPython, noPython);
    await client.workspace.configure({ python });
    const file = join(folder, "sweep.yaml");
    writeFileSync(
      file,
      `name: Tiny
recipe: { preset: quick-demo, epochs: null, max_steps: 4, save: { every: null }, eval: { every: 4, tasks: [] } }
axes: { variants: [{ method: full }, { method: lora, lora: { rank: 1 } }] }
tasks: [{ file: ${firstItems("compare")} }, { file: ${firstItems("facts")}, role: retain }]
`,
    );
    const question = await client.training.readSweep({ file });
    const { cells } = await client.training.plan(question);
    expect(cells.map(({ variant, learningRate }) => [variant, learningRate])).toEqual([
      ["full", 3e-4],
      ["lora-r1", 1e-2],
    ]);
    const job = await ended({ kind: "sweep", spec: question });
    expect(job).toMatchObject({ state: "finished", failures: [] });
    const id = job.question.kind === "sweep" && "id" in job.question.spec ? job.question.spec.id : "";
    const document = sweepDocument.parse(await client.training.sweep({ sweep: id }));
    for (const { run, accuracy, oldTasks, validationLoss } of document.cells) {
      expect(run?.state).toBe("finished");
      for (const figure of [accuracy, oldTasks, validationLoss]) expect(figure).toBeGreaterThanOrEqual(0);
    }
    expect(document.cells[1]?.effectiveRank).toBeCloseTo(1, 2); // of rank 1
    expect(document.outcome.map(({ axis, measure }) => `${axis} ${measure}`)).toContain("rank accuracy");
    // Its scores stand in the views of the fine-tunes that it made, without another question.
    const [asked] = await client.audit.questions();
    const audit = await client.audit.stored(asked ?? expect.fail("No question."));
    expect(audit.rows).toHaveLength(4);
    expect(audit.rows.find(({ task }) => task === "compare")?.acc).toBeCloseTo(document.cells[0]?.accuracy ?? -1, 9);
    expect(await client.training.sweeps()).toMatchObject([{ id, name: "Tiny", cells: 2, finished: 2 }]);
  });
});
