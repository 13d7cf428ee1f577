import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AnalysisDocument, analysisSpec } from "../../src/contract/domain/analysis.ts";
import { type CollectDocument, isComplete, type PartManifest } from "../../src/contract/domain/part.ts";
import type { ErrorDocument } from "../../src/contract/errors.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { cut, edit, flip, link, manifestOf, replace, rewrite, scramble } from "../builders/damaged-parts.ts";
import { temporaryFolder } from "../builders/folders.ts";

const demo = join(import.meta.dirname, "../../demo");
const tuned = ["fft", "lora-r4", "lora-r16"].map((label) => ({ label, path: join(demo, label) }));
const spec = analysisSpec.parse({ base: join(demo, "base"), tuned, settings: { k: 4 }, threads: 2 });
const root = temporaryFolder("shards");
const partOf = (index: number, count = 3) => join(root, `part-${index}-${count}`);

async function withEngine<T>(work: (engine: Engine) => Promise<T>, workspace = temporaryFolder("workspace")) {
  const engine = openEngine({ workspace, threads: 2 });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

async function runShard(engine: Engine, index: number, count: number, folder: string, asked = spec) {
  const computed: string[] = [];
  let part: PartManifest | undefined;
  for await (const event of await engine.client.analysis.shard({ spec: asked, shard: { index, count }, folder })) {
    if (event.type === "module" && !event.stored) computed.push(event.module.name);
    if (event.type === "part") part = event.part;
  }
  return { part: part as PartManifest, computed };
}

async function collect(engine: Engine, parts: string[]) {
  const refused: [string, ErrorDocument["code"]][] = [];
  let document: CollectDocument | undefined;
  for await (const event of await engine.client.analysis.collect({ parts })) {
    if (event.type === "refused") refused.push([event.path, event.error.code]);
    if (event.type === "collected") document = event.document;
  }
  return { refused, document: document as CollectDocument };
}

async function analyze(engine: Engine, asked = spec): Promise<AnalysisDocument> {
  let analysis = "";
  for await (const event of await engine.client.analysis.run(asked)) {
    if (event.type === "finished") analysis = event.analysis;
  }
  return engine.client.analysis.document({ analysis });
}

/** Everything but times, and what says where an answer came from. */
function answers({ runs, overlaps, findings, alerts, base, failures }: AnalysisDocument) {
  const timeless = runs.map((run) => ({ ...run, modules: run.modules.map((module) => ({ ...module, seconds: 0 })) }));
  return { runs: timeless, overlaps, findings, alerts, base, failures };
}

/** fft changes the embedding too: 29 modules beside twice 28. */
const all = 85;
let whole: AnalysisDocument;

beforeAll(async () => {
  whole = await withEngine((engine) => analyze(engine));
  for (const index of [1, 2, 3]) await withEngine((engine) => runShard(engine, index, 3, partOf(index)));
}, 120_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("three shards", () => {
  test("together they are the whole analysis, number by number, and a repeat computes nothing", async () => {
    await withEngine(async (engine) => {
      const { document, refused } = await collect(engine, [partOf(3), partOf(1), partOf(2)]);
      expect(refused).toEqual([]);
      expect(isComplete(document)).toBe(true);
      expect(document).toMatchObject({ added: all, duplicates: { equal: 0, stored: 0, different: [] } });
      expect(document.runs.map(({ modules, measured, failed }) => [modules, measured, failed])).toEqual([
        [29, 29, 0],
        [28, 28, 0],
        [28, 28, 0],
      ]);
      const collected = await engine.client.analysis.document({ analysis: document.run });
      expect(answers(collected)).toEqual(answers(whole));
      expect((await engine.client.runs.all()).map(({ state, modules }) => [state, modules])).toEqual([
        ["finished", 29],
        ["finished", 28],
        ["finished", 28],
      ]);
      const again = await analyze(engine);
      expect(again.provenance).toMatchObject({ reused: all, computed: 0 });
      expect(answers(again)).toEqual(answers(whole));
    });
  });

  test("collected once more, nothing new is found and no run is added", async () => {
    await withEngine(async (engine) => {
      const half = await collect(engine, [partOf(1)]);
      const { document } = await collect(engine, [partOf(1), partOf(2), partOf(3)]);
      // What was there of it before is a run of its own: it ended with shards missing.
      expect(document.run).not.toBe(half.document.run);
      const ids = async () => new Set((await engine.client.runs.list()).map(({ id }) => id));
      expect(await ids()).toEqual(new Set([half.document.run, document.run]));
      for (const parts of [[1, 2, 3], [2]]) {
        const again = await collect(
          engine,
          parts.map((index) => partOf(index)),
        );
        expect([again.document.run, again.document.added]).toEqual([document.run, 0]);
      }
      expect(await ids()).toEqual(new Set([half.document.run, document.run]));
    });
  });

  test("every module is in one shard, all runs of it together, and the shards weigh about the same", () => {
    const manifests = [1, 2, 3].map((index) => manifestOf(partOf(index)));
    const [first] = manifests as [PartManifest];
    for (const { runs } of manifests) expect(runs).toEqual(first.runs);
    const [fft, lora] = first.runs as [PartManifest["runs"][number], PartManifest["runs"][number]];
    const shardsOf = ({ modules, moduleShards }: typeof fft) =>
      modules.map((name, index) => [name, moduleShards[index]]);
    expect(shardsOf(fft)).toEqual(expect.arrayContaining(shardsOf(lora)));
    expect(manifests.reduce((sum, { files }) => sum + files.modules.rows, 0)).toBe(all);
    for (const { files } of manifests) expect(files.modules.rows).toBeGreaterThanOrEqual(24);
  });

  test("a shard that is run again computes nothing and leaves the same part", async () => {
    const folder = join(root, "again");
    const workspace = temporaryFolder("workspace");
    const first = await withEngine((engine) => runShard(engine, 2, 5, folder), workspace);
    const bytes = readFileSync(join(folder, "modules.parquet"));
    const second = await withEngine((engine) => runShard(engine, 2, 5, folder), workspace);
    expect([first.computed.length > 0, second.computed]).toEqual([true, []]);
    expect(readFileSync(join(folder, "modules.parquet")).equals(bytes)).toBe(true);
    expect(second.part.question).toBe(first.part.question);
    await withEngine(async (engine) => {
      const labels = tuned.map(({ label }) => label);
      const compared = await engine.client.runs.compare({ runs: labels });
      const told = compared.alerts.flatMap(({ code, run, message }) =>
        code === "analysis.part" ? [[run, message]] : [],
      );
      expect(told).toEqual(
        compared.runs.map(({ label, modules }, place) => [
          label,
          `Only part 2 of 5 of the analysis: ${modules.length} of ${[29, 28, 28][place]} modules.`,
        ]),
      );
    }, workspace);
    await expect(withEngine((engine) => runShard(engine, 1, 5, folder), workspace)).rejects.toMatchObject({
      data: { code: "output.exists", message: expect.stringContaining("shard 2 of 5 of this analysis") },
    });
  });

  test("an interrupted shard leaves no part, and goes on where it stopped", async () => {
    const folder = join(root, "interrupted");
    const workspace = temporaryFolder("workspace");
    const kept = await withEngine(async (engine) => {
      const stop = new AbortController();
      const seen: string[] = [];
      const events = await engine.client.analysis.shard(
        { spec: { ...spec, threads: 1 }, shard: { index: 1, count: 1 }, folder },
        { signal: stop.signal },
      );
      const run = async () => {
        for await (const event of events) {
          if (event.type === "module") seen.push(`${event.run} ${event.module.name}`);
          if (seen.length === 6) stop.abort();
        }
      };
      await expect(run()).rejects.toThrow();
      return seen.length;
    }, workspace);
    await withEngine(async (engine) => {
      await expect(collect(engine, [folder])).rejects.toMatchObject({ data: { code: "part.unfinished" } });
    });
    const { computed, part } = await withEngine((engine) => runShard(engine, 1, 1, folder), workspace);
    expect(computed.length).toBeLessThanOrEqual(all - kept);
    expect(part.files.modules.rows).toBe(all);
  });

  test("more shards than modules: the empty ones are parts too", async () => {
    const narrow = { ...spec, tuned: tuned.slice(1, 2), modules: "layers\\.0\\..*_proj", settings: spec.settings };
    await withEngine(async (engine) => {
      const folders = Array.from({ length: 9 }, (_, index) => join(root, `narrow-${index + 1}`));
      for (const [index, folder] of folders.entries()) await runShard(engine, index + 1, 9, folder, narrow);
      expect(folders.map((folder) => manifestOf(folder).files.modules.rows)).toEqual([1, 1, 1, 1, 1, 1, 1, 0, 0]);
      await withEngine(async (fresh) => {
        const { document } = await collect(fresh, folders);
        expect([isComplete(document), document.added]).toEqual([true, 7]);
      });
    });
  });
});

describe("duplicates and gaps", () => {
  test("a missing part is named with its modules; the rest is there and analyze fills the gap", async () => {
    await withEngine(async (engine) => {
      const { document } = await collect(engine, [partOf(1), partOf(3)]);
      const { runs } = manifestOf(partOf(2));
      const [fft] = runs as [PartManifest["runs"][number]];
      const missing = fft.modules.filter((_, index) => fft.moduleShards[index] === 2);
      expect(isComplete(document)).toBe(false);
      expect(document.gaps.shards).toEqual([{ index: 2, count: 3 }]);
      expect(document.gaps.modules[0]).toEqual({ run: "fft", modules: missing });
      expect((await engine.client.runs.list()).map(({ state }) => state)).toContain("interrupted");
      const lost = document.gaps.modules.reduce((sum, { modules }) => sum + modules.length, 0);
      expect(lost).toBe(manifestOf(partOf(2)).files.modules.rows);
      const filled = await analyze(engine);
      expect(filled.provenance).toMatchObject({ reused: all - lost, computed: lost });
      expect(answers(filled)).toEqual(answers(whole));
    });
  });

  test("parts of another cut fit, and what is there twice with the same numbers is counted", async () => {
    const half = join(root, "half");
    await withEngine((engine) => runShard(engine, 1, 2, half));
    await withEngine(async (engine) => {
      const rows = manifestOf(half).files.modules.rows;
      const { document } = await collect(engine, [half, partOf(1), partOf(2), partOf(3), partOf(1)]);
      expect([isComplete(document), document.added, document.duplicates]).toEqual([
        true,
        all,
        { equal: rows, stored: 0, different: [] },
      ]);
      const again = await collect(engine, [partOf(1)]);
      expect(again.document.duplicates.stored).toBe(manifestOf(partOf(1)).files.modules.rows);
    });
  });

  test("different numbers: both parts are named, neither is believed, analyze measures again", async () => {
    const forged = join(root, "forged");
    cpSync(partOf(1), forged, { recursive: true });
    await rewrite(forged, "delta_frobenius * 1.001 AS delta_frobenius", "layer < 2 AND analysis = $1");
    await withEngine(async (engine) => {
      const { document } = await collect(engine, [partOf(1), partOf(2), partOf(3), forged]);
      const { different } = document.duplicates;
      expect(different.length).toBeGreaterThan(0);
      for (const { run, error } of different) {
        expect([run, error.code]).toEqual(["fft", "part.contradiction"]);
        expect(error.message).toContain(`${partOf(1)} and ${forged} hold different numbers: ‖ΔW‖`);
      }
      expect(isComplete(document)).toBe(false);
      const again = await analyze(engine);
      expect(again.provenance.computed).toBe(different.length);
      expect(answers(again)).toEqual(answers(whole));
      // What the workspace measured itself is not given up for a part.
      const late = await collect(engine, [forged]);
      expect(late.document.duplicates.different[0]?.error.message).toContain("the workspace and ");
      expect((await analyze(engine)).provenance.computed).toBe(0);
    });
  });

  test("last digits that another processor may round differently are no contradiction", async () => {
    const rounded = join(root, "rounded");
    cpSync(partOf(1), rounded, { recursive: true });
    await rewrite(rounded, "delta_frobenius * (1 + 1e-9) AS delta_frobenius", "true");
    await withEngine(async (engine) => {
      const { document } = await collect(engine, [partOf(1), rounded]);
      expect(document.duplicates).toMatchObject({ different: [], equal: manifestOf(rounded).files.modules.rows });
    });
  });
});

describe("parts that are refused, while the rest is collected", () => {
  async function refusal(change: (folder: string) => Promise<void> | void) {
    const folder = join(temporaryFolder("part"), "part");
    cpSync(partOf(2), folder, { recursive: true });
    await change(folder);
    return withEngine(async (engine) => {
      const { refused, document } = await collect(engine, [partOf(1), folder, partOf(3)]);
      expect(refused.map(([path]) => path)).toEqual([folder]);
      expect(document.gaps.shards).toEqual([{ index: 2, count: 3 }]);
      const { error } = document.parts[1] as { error: ErrorDocument };
      expect(document.parts.filter((part) => part.error !== null)).toHaveLength(1);
      return `${error.code}: ${error.message.replaceAll(folder, "PART")}`;
    });
  }

  test("another analysis", async () => {
    const other = join(root, "other");
    await withEngine((engine) => runShard(engine, 2, 3, other, { ...spec, settings: { ...spec.settings, k: 5 } }));
    const text = await refusal((folder) => cpSync(other, folder, { recursive: true }));
    expect(text).toContain("part.other-question: PART belongs to another analysis");
    expect(text).toMatch(/: k is 5 there and \d+ here\.$/);
  });

  test.each([
    [
      { measures: 0, version: "0.0.1" },
      "part.version: PART was written by version 0.0.1 (deltascope.part/1, measures 0)",
    ],
    [{ schema: "deltascope.part/2" }, "part.version: PART was written by version"],
    [{ schema: "deltascope.analysis/1" }, "part.invalid: PART: part.json is no part of an analysis"],
    [{ question: "0".repeat(64) }, "part.invalid: PART: its question does not belong to its runs"],
    [{ shard: { index: 4, count: 3 } }, "part.invalid: PART: part.json: shard.index: "],
    [{ shard: { index: 1, count: 3 } }, "is not of its shard"],
    [{ runs: [] }, "part.invalid: PART: part.json: runs: "],
  ])("a manifest with %j", async (changes, told) => {
    expect(await refusal((folder) => edit(folder, (manifest) => Object.assign(manifest, changes)))).toContain(told);
  });

  test("a manifest of a gigabyte is not read", async () => {
    const text = await refusal((folder) => truncateSync(join(folder, "part.json"), 1e9));
    expect(text).toContain("part.json: it has 1000000000 bytes, more than the limit");
  });

  test("a hash that belongs to other settings", async () => {
    const text = await refusal((folder) => edit(folder, ({ settings }) => Object.assign(settings, { k: 9 })));
    expect(text).toContain("the hash of fft does not belong to its fingerprints and settings");
  });

  test.each<[string, (folder: string) => Promise<void> | void, string]>([
    ["cut short", (folder) => cut(folder, "modules.parquet"), "part.invalid: PART: modules.parquet has "],
    ["with a changed byte", (folder) => flip(folder, "vectors.parquet"), "vectors.parquet is not the file that was"],
    ["absent", (folder) => rmSync(join(folder, "overlaps.parquet")), "part.invalid: PART: overlaps.parquet is missing"],
    ["a link", (folder) => link(folder, "modules.parquet"), "part.invalid: PART: modules.parquet is no regular file"],
    [
      "no Parquet at all",
      (folder) => replace(folder, "modules.parquet", "nonsense"),
      "part.invalid: PART: modules.parq",
    ],
    [
      "damaged inside, its hash renewed",
      (folder) => scramble(folder, "modules.parquet"),
      "part.invalid: PART: modules",
    ],
    [
      "without a column",
      (folder) => rewrite(folder, "1 AS other", "false", "EXCLUDE (seconds)"),
      "column seconds is mis",
    ],
    [
      "with a column of another type",
      (folder) => rewrite(folder, "'x' AS seconds", "true"),
      "holds VARCHAR, not DOUBLE",
    ],
    ["with NaN", (folder) => rewrite(folder, "'nan'::DOUBLE AS delta_frobenius", "true"), "delta.frobenius"],
    [
      "with NaN in a list",
      (folder) => rewrite(folder, "['nan'::DOUBLE] AS delta_singular_values", "true"),
      "no number",
    ],
    ["with JSON that is none", (folder) => rewrite(folder, "'{' AS sides", "true"), "is not JSON"],
    ["with a module of another shard", (folder) => rewrite(folder, "'x' AS name", "true"), "holds x, which is not of"],
    [
      "with a module twice",
      (folder) => rewrite(folder, "min(name) OVER (PARTITION BY analysis) AS name", "true"),
      "twice",
    ],
    ["with a huge text", (folder) => rewrite(folder, "repeat('x', 20000000) AS sides", "true"), "more than the limit"],
  ])("a Parquet file %s", async (_, change, told) => {
    expect(await refusal(change)).toContain(told);
  });

  test("other rows than promised", async () => {
    const text = await refusal((folder) =>
      edit(folder, ({ files }) => Object.assign(files.modules, { rows: files.modules.rows - 1 })),
    );
    expect(text).toMatch(/it has \d+ rows where \d+ are promised/);
  });

  test("more rows than a shard can have are not even looked for", async () => {
    const text = await refusal((folder) =>
      edit(folder, ({ files }) => Object.assign(files.modules, { rows: 1_000_000 })),
    );
    expect(text).toMatch(/1000000 modules are promised where its shard has at most \d+/);
  });

  test("nothing can be taken: the first reason ends it", async () => {
    const empty = temporaryFolder("empty");
    await withEngine(async (engine) => {
      await expect(collect(engine, [empty, join(empty, "nowhere")])).rejects.toMatchObject({
        data: { code: "part.unfinished" },
      });
      const told: string[] = [];
      const all = async () => {
        const places = { parts: [empty, join(empty, "nowhere")] };
        for await (const event of await engine.client.analysis.collect(places)) told.push(event.type);
      };
      await expect(all()).rejects.toThrow();
      expect(told).toEqual(["refused"]);
      await expect(collect(engine, [join(empty, "nowhere")])).rejects.toMatchObject({
        data: { code: "source.not-found" },
      });
      expect(await engine.client.runs.list()).toEqual([]);
    });
  });

  test("a folder that holds parts stands for all of them", async () => {
    const folder = temporaryFolder("parts");
    for (const index of [1, 2, 3]) cpSync(partOf(index), join(folder, `${index}`), { recursive: true });
    mkdirSync(join(folder, "unfinished"));
    await withEngine(async (engine) => {
      const { document } = await collect(engine, [folder]);
      expect([document.parts.length, isComplete(document)]).toEqual([3, true]);
      mkdirSync(join(folder, "4", "workspace"), { recursive: true });
      const again = await collect(engine, [folder]);
      const codes = again.document.parts.map(({ error }) => error?.code ?? "taken");
      expect(codes).toEqual(["taken", "taken", "taken", "part.unfinished"]);
    });
  });
});
