import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import { findDataFile, requireDataFile } from "./data-location.ts";
import { findDefinition } from "./definitions/registry.ts";
import { knownTasks } from "./known-tasks.ts";

afterEach(() => vi.unstubAllEnvs());

/** A data set of the cache: blobs, and links to them as the Hub's library makes them. */
function cacheOf(repository: string, commit: string, names: string[], main = commit): string {
  const cache = temporaryFolder();
  vi.stubEnv("HF_HUB_CACHE", cache);
  const root = join(cache, `datasets--${repository.replace("/", "--")}`);
  mkdirSync(join(root, "refs"), { recursive: true });
  mkdirSync(join(root, "blobs"));
  writeFileSync(join(root, "refs", "main"), main);
  for (const [index, name] of names.entries()) {
    const link = join(root, "snapshots", commit, name);
    mkdirSync(dirname(link), { recursive: true });
    writeFileSync(join(root, "blobs", `blob${index}`), "x");
    symlinkSync(join(root, "blobs", `blob${index}`), link);
  }
  return root;
}

test.each([
  [
    "boolq",
    "aps/super_glue",
    ["rte/validation-00000-of-00001.parquet", "boolq/test-00000-of-00001.parquet"],
    undefined,
  ],
  ["boolq", "aps/super_glue", ["boolq/validation-00000-of-00001.parquet"], "boolq/validation-00000-of-00001.parquet"],
  [
    "hellaswag",
    "Rowan/hellaswag",
    ["data/validation.jsonl", "data/validation-00000-of-00001.parquet"],
    "data/validation-00000-of-00001.parquet",
  ],
  [
    "pubmedqa",
    "bigbio/pubmed_qa",
    ["pubmed_qa_labeled_fold0_source/test/0000.parquet"],
    "pubmed_qa_labeled_fold0_source/test/0000.parquet",
  ],
  [
    "mmlu_virology",
    "cais/mmlu",
    ["all/test-00000-of-00001.parquet", "all/dev-00000-of-00001.parquet"],
    "all/test-00000-of-00001.parquet",
  ],
  ["sciq", "allenai/sciq", ["data/tests.parquet", "README.md"], undefined],
])("%s is sought in its configuration and split", async (key, repository, names, wanted) => {
  const root = cacheOf(repository, "c0ffee", names);
  const found = await findDataFile(findDefinition(key));
  expect(found).toBe(wanted && join(root, "snapshots", "c0ffee", wanted));
});

test("a link that leaves the data set is not followed", async () => {
  const root = cacheOf("allenai/sciq", "c0ffee", ["README.md"]);
  const outside = join(temporaryFolder(), "secret");
  writeFileSync(outside, "x");
  symlinkSync(outside, join(root, "snapshots", "c0ffee", "test.parquet"));
  expect(await findDataFile(findDefinition("sciq"))).toBeUndefined();
});

test("what is absent is named with the command that fetches it", async () => {
  vi.stubEnv("HF_HUB_CACHE", temporaryFolder());
  await expect(requireDataFile(findDefinition("arc_easy"), "")).rejects.toMatchObject({
    code: "task.data-missing",
    message: expect.stringMatching(
      /allenai\/ai2_arc, configuration ARC-Easy, split test.*deltascope download hf:\/\/datasets\/allenai\/ai2_arc/,
    ),
  });
  expect(await requireDataFile(findDefinition("arc_easy"), "mine.parquet")).toBe("mine.parquet");
});

test("all tasks are listed with what is known of them, the demo's first", async () => {
  const root = cacheOf("cais/mmlu", "c0ffee", ["all/test-00000-of-00001.parquet"]);
  const tasks = await knownTasks();
  const named = new Map(tasks.map((task) => [task.name, task]));
  expect(named.size).toBe(tasks.length);
  expect(tasks.slice(0, 5).map(({ name, role, items }) => [name, role, items])).toEqual([
    ["arithmetic", "retain", 169],
    ["compare", "new", 150],
    ["facts", "retain", 200],
    ["grammar", "retain", 200],
    ["kinds", "retain", 48],
  ]);
  expect(named.get("mmlu")).toMatchObject({
    definition: "mmlu",
    file: join(root, "snapshots", "c0ffee", "all/test-00000-of-00001.parquet"),
    items: 14042,
    repository: "cais/mmlu",
  });
  expect([...named.keys()].filter((name) => name.startsWith("mmlu_"))).toHaveLength(57);
  expect(named.get("hellaswag")).toMatchObject({ file: null, kind: "choice", title: "HellaSwag" });
});
