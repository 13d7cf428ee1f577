/** Whom a request for a checkpoint reaches. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import { processStart } from "../../workspace/process.ts";
import { askOldTrainer } from "./old-trainer.ts";

/** A process that stands for a trainer; by what it says it can be told that it was asked. */
async function running(): Promise<{ pid: number; asked: Promise<unknown> }> {
  const script = "process.on('SIGUSR1', () => console.log('asked')); setInterval(() => {}, 1000); console.log('ready')";
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = async () => String((await once(child.stdout, "data"))[0]).trim();
  expect(await said()).toBe("ready");
  return { pid: child.pid as number, asked: said() };
}

function noted(pid: number, host: string): string {
  const folder = temporaryFolder("old");
  const note = { pid, host, ...(host === hostname() && { processStart: processStart(pid) }) };
  writeFileSync(join(folder, "trainer.pid.json"), JSON.stringify(note));
  return folder;
}

test.skipIf(process.platform === "win32")("a trainer of this machine is asked by its signal", async () => {
  const { pid, asked } = await running();
  await askOldTrainer(noted(pid, hostname()));
  expect(await asked).toBe("asked");
});

test("one of another machine is not: its number is some other process's here", async () => {
  const { pid } = await running();
  const folder = noted(pid, "another-machine");
  await expect(askOldTrainer(folder)).rejects.toMatchObject({
    ...{ code: "run.not-running", message: expect.stringContaining("another-machine"), where: folder },
  });
});

test("where nobody trains, nobody is asked", async () => {
  await expect(askOldTrainer(temporaryFolder("old"))).rejects.toMatchObject({ code: "run.not-running" });
});
