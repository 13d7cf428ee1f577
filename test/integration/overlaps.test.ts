/** Overlaps of adapters as documents show them: complete whatever was asked before, under the labels shown. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { type AnalysisDocument, analysisSpec } from "../../src/contract/domain/analysis.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { temporaryFolder } from "../builders/folders.ts";

const demo = join(import.meta.dirname, "../../demo");
const base = join(demo, "base");

async function analyze(
  engine: Engine,
  tuned: { label: string; path: string }[],
  layers?: { from: number; to: number },
) {
  let analysis = "";
  const spec = analysisSpec.parse({ base, tuned, layers, settings: { k: 2 }, threads: 2 });
  for await (const event of await engine.client.analysis.run(spec)) {
    if (event.type === "finished") analysis = event.analysis;
  }
  return engine.client.analysis.document({ analysis });
}

function names({ overlaps }: AnalysisDocument): string[][] {
  return overlaps.map(({ modules }) => modules.map(({ name }) => name));
}

test("every run shows the overlaps of its own modules, whatever filters came before", async () => {
  const engine = openEngine({ workspace: temporaryFolder("workspace"), threads: 2 });
  const tuned = ["lora-r4", "lora-r16"].map((label) => ({ label, path: join(demo, label) }));
  try {
    const modulesOf = (document: AnalysisDocument) => document.runs[0]?.modules.map(({ name }) => name);
    const first = await analyze(engine, tuned, { from: 0, to: 1 });
    const second = await analyze(engine, tuned, { from: 2, to: 3 });
    const whole = await analyze(engine, tuned);
    for (const document of [first, second, whole]) expect(names(document)).toEqual([modulesOf(document)]);
    expect(names(whole)[0]).toHaveLength(28);
  } finally {
    await engine.close();
  }
});

test("a comparison names overlaps by the labels it shows", async () => {
  const engine = openEngine({ workspace: temporaryFolder("workspace"), threads: 2 });
  try {
    const paths = ["lora-r4", "lora-r16"].map((name) => join(demo, name));
    await analyze(engine, [
      { label: "lora", path: paths[0] as string },
      { label: "x", path: paths[1] as string },
    ]);
    const ids = [];
    for (const path of paths) {
      await analyze(engine, [{ label: "lora", path }]);
      ids.push((await engine.client.runs.list())[0]?.id as string);
    }
    const { runs, overlaps } = await engine.client.runs.compare({ runs: ids });
    expect(runs.map(({ label }) => label)).toEqual(["lora", "lora-2"]);
    expect(overlaps.map(({ first, second }) => [first, second])).toEqual([["lora", "lora-2"]]);
  } finally {
    await engine.close();
  }
});
