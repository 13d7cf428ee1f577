/** Global set-up of component tests: opens the demo once and analyses it, in a workspace that test files copy. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { TestProject } from "vitest/node";
import { type Engine, openEngine } from "../../src/engine/engine.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Folder of a closed workspace that holds the finished analysis of the demo. */
    demoWorkspace: string;
  }
}

export default async function analyseDemo(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "deltascope-components-"));
  const engine = openEngine({ workspace: folder });
  try {
    await engine.client.workspace.openDemo();
    await jobsFinished(engine.client);
  } finally {
    await engine.close();
  }
  project.provide("demoWorkspace", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

const pollMs = 50;

async function jobsFinished(client: Engine["client"]): Promise<void> {
  for (;;) {
    const jobs = await client.jobs.list();
    const lost = jobs.find(({ state }) => state === "failed" || state === "cancelled");
    if (lost) throw new Error(`The demo's analysis ended as ${lost.state}: ${lost.error?.message}`);
    if (jobs.every(({ state }) => state === "finished")) return;
    await setTimeout(pollMs);
  }
}
