/** Global set-up of component tests: analyses the bundled demo once, in a workspace that test files copy. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openEngine } from "../../src/engine/engine.ts";

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
    const { base, tuned } = await engine.client.demo({});
    const settings = {
      k: 10,
      epsilon: 0.5,
      side: "left" as const,
      quick: false,
      exact: false,
      asMerged: false,
      seed: 0,
    };
    for await (const event of await engine.client.analysis.run({ base, tuned, settings, embeddings: false }))
      void event;
  } finally {
    await engine.close();
  }
  project.provide("demoWorkspace", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
