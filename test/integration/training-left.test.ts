/**
 * A fine-tune that outlives its engine, with the real trainer on the demo's tiny base. Needs a Python with the trainer's
 * packages: $DELTASCOPE_PYTHON, or the trainer's own environment.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Job } from "../../src/contract/domain/job.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { processIsAlive } from "../../src/engine/workspace/process.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { hasPython, noPython, python } from "../builders/trainer-python.ts";

const patient = { timeout: 400_000 };
const program = fileURLToPath(new URL("./training-left-engine.ts", import.meta.url));
const recipe = (steps: number) => ({
  ...{ preset: "quick-demo", epochs: null, max_steps: steps, eval: { every: null, tasks: [] } },
  save: { every: 10, keep: "all" },
});

type Client = Engine["client"];

interface Line {
  type: string;
  step: number;
  loss: number | null;
}

function linesIn(folder: string): Line[] {
  const file = join(folder, "events.jsonl");
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

const lossesIn = (folder: string) =>
  linesIn(folder).flatMap(({ type, step, loss }) => (type === "progress" ? [[step, loss] as const] : []));

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 120_000; !holds(); await delay(50))
    if (Date.now() > end) expect.fail("It took too long.");
}

/** A run whose engine was killed at its fifth step; answers where it goes on. */
async function leftBehind(steps: number) {
  const workspace = join(temporaryFolder(), "workspace");
  const engine = spawn(process.execPath, [program, workspace, python, JSON.stringify(recipe(steps))], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [id] = (await once(engine.stdout, "data")) as [Buffer];
  const run = id.toString().trim();
  const folder = join(workspace, "runs", run);
  await until(() => lossesIn(folder).length >= 5);
  engine.kill("SIGKILL");
  await once(engine, "exit");
  const { pid } = JSON.parse(readFileSync(join(folder, "trainer.pid.json"), "utf8")) as { pid: number };
  onTestFinished(() => {
    if (processIsAlive(pid)) process.kill(-pid, "SIGKILL");
  });
  return { workspace, run, folder, pid };
}

function openAgain(workspace: string): Client {
  const engine = openEngine({ workspace, threads: 1 });
  onTestFinished(() => engine.close());
  return engine.client;
}

/** Takes the run up as the app does when its window opens. */
async function follow(client: Client): Promise<Job> {
  const [job] = await client.jobs.list();
  return client.jobs.resume({ job: job?.id ?? "" });
}

async function ended(client: Client, { id }: Job): Promise<Job> {
  for (;;) {
    const job = (await client.jobs.list()).find((one) => one.id === id);
    if (job && job.state !== "queued" && job.state !== "running") return job;
    await delay(100);
  }
}

describe("with the real trainer", () => {
  test(
    "kill -9 of the engine: steps go on, the next engine shows them live, and nothing is missing or double",
    patient,
    async ({ skip }) => {
      skip(!hasPython, noPython);
      const { workspace, run, folder, pid } = await leftBehind(60);
      const reached = lossesIn(folder).length;
      await until(() => lossesIn(folder).length > reached + 3);
      const client = openAgain(workspace);
      expect(await client.training.runs()).toMatchObject([{ id: run, state: "running", unattended: true }]);
      expect(processIsAlive(pid)).toBe(true);
      const job = await follow(client);
      expect(await ended(client, job)).toMatchObject({ state: "finished", error: null });
      const each = Array.from({ length: 60 }, (_, index) => index + 1);
      expect(lossesIn(folder).map(([step]) => step)).toEqual(each);
      const history = await client.training.run({ run });
      expect(history.run).toMatchObject({ state: "finished", step: 60, error: null });
      expect(history.progress.map(({ step }) => step)).toEqual(each);
      expect(history.growth.map(({ step }) => step)).toEqual([10, 20, 30, 40, 50, 60]);
      expect(history.warnings.filter(({ code }) => code.startsWith("protocol."))).toEqual([]);
      expect((await client.library.list()).map(({ label }) => label)).toContain("Left");
      await until(() => !processIsAlive(pid));
    },
  );

  test(
    "paused by the next engine and resumed: the losses are those of an undisturbed run",
    patient,
    async ({ skip }) => {
      skip(!hasPython, noPython);
      const whole = openEngine({ workspace: join(temporaryFolder(), "workspace"), threads: 1 });
      onTestFinished(() => whole.close());
      await whole.client.workspace.configure({ python });
      const { question, id } = await whole.client.jobs.start({ kind: "training", spec: { recipe: recipe(40) } });
      const undisturbed = question.kind === "training" && "run" in question.spec ? question.spec.run : "";

      const { workspace, run, folder, pid } = await leftBehind(40);
      const client = openAgain(workspace);
      const job = await follow(client);
      await client.jobs.pause({ job: job.id });
      expect((await ended(client, job)).state).toBe("paused");
      expect(processIsAlive(pid)).toBe(false);
      const { checkpoint, step } = (await client.training.run({ run })).run;
      expect(checkpoint).toMatch(new RegExp(`checkpoint-${step}$`));
      await client.jobs.resume({ job: job.id });
      expect(await ended(client, job)).toMatchObject({ state: "finished", error: null });

      await ended(whole.client, { id } as Job);
      const { folder: other } = (await whole.client.training.run({ run: undisturbed })).run;
      expect(lossesIn(folder)).toEqual(lossesIn(other));
    },
  );

  test(
    "it ended while nobody watched: shown as finished, then measured and taken into the library",
    patient,
    async ({ skip }) => {
      skip(!hasPython, noPython);
      const { workspace, run, pid } = await leftBehind(20);
      await until(() => !processIsAlive(pid));
      const client = openAgain(workspace);
      expect(await client.training.runs()).toMatchObject([{ id: run, state: "finished", step: 20, error: null }]);
      expect(await ended(client, await follow(client))).toMatchObject({ state: "finished" });
      expect((await client.training.run({ run })).growth.map(({ step }) => step)).toEqual([10, 20]);
      expect((await client.library.list()).map(({ label }) => label)).toContain("Left");
    },
  );

  test("an engine that is closed leaves it alone, and nothing else", patient, async ({ skip }) => {
    skip(!hasPython, noPython);
    const { workspace, run, folder, pid } = await leftBehind(4000);
    const engine = openEngine({ workspace, threads: 1 });
    const job = await follow(engine.client);
    const reached = lossesIn(folder).length;
    await until(() => lossesIn(folder).length > reached);
    await engine.close();
    expect(processIsAlive(pid)).toBe(true);
    const after = lossesIn(folder).length;
    await until(() => lossesIn(folder).length > after);
    const client = openAgain(workspace);
    expect(await client.training.runs()).toMatchObject([{ id: run, state: "running" }]);
    const again = await follow(client);
    expect(again.question).toEqual(job.question);
    await until(() => lossesIn(folder).length > after + 2);
    await client.training.stop({ run, checkpoint: false });
    expect((await ended(client, again)).state).toBe("cancelled");
    expect(processIsAlive(pid)).toBe(false);
    await until(() => !existsSync(join(folder, "trainer.pid.json"))); // once its end is stored
  });
});
