import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import { configNamed } from "../../../../test/builders/training-bench.ts";
import { parseDataset } from "../../../contract/hub-id.ts";
import { isDatasetId, withCachedData } from "./hub-data.ts";
import { resolveRecipe } from "./resolve.ts";

afterEach(() => vi.unstubAllEnvs());

const [newer, older] = ["b".repeat(40), "a".repeat(40)];

/** Snapshots of owner/name as the Hub's library makes them: blobs, and links to them. */
function cacheOf(snapshots: Record<string, string[]>): string {
  const cache = temporaryFolder();
  vi.stubEnv("HF_HUB_CACHE", cache);
  const root = join(cache, "datasets--owner--name");
  mkdirSync(join(root, "refs"), { recursive: true });
  mkdirSync(join(root, "blobs"));
  writeFileSync(join(root, "refs", "main"), newer);
  for (const [commit, names] of Object.entries(snapshots)) {
    for (const name of names) {
      const link = join(root, "snapshots", commit, name);
      const blob = join(root, "blobs", `${commit}-${name.replaceAll("/", "-")}`);
      mkdirSync(dirname(link), { recursive: true });
      writeFileSync(blob, "{}\n");
      symlinkSync(blob, link);
    }
  }
  return root;
}

async function named(path: string, more: object = {}) {
  const file = { path, format: "alpaca", split: "train", ...more };
  const { config, problems } = await withCachedData(configNamed("a", { data: { files: [file] } }));
  const places = config.data.files.map((one) => one.path.replace(/^.*snapshots\/(.)[^/]*\//, "$1:"));
  return problems.length > 0 ? problems.map(({ field, message }) => `${field}: ${message}`) : places;
}

test("files of the wanted format and split, of the snapshot that main names", async () => {
  cacheOf({
    [newer]: ["data/train-00000-of-00002.jsonl", "data/train-00001-of-00002.jsonl", "data/validation.jsonl"],
    [older]: ["train.jsonl", "more/extra.jsonl", "table/train.csv", "table/dev.csv", "test.jsonl"],
  });
  expect(await named("owner/name")).toEqual(["b:data/train-00000-of-00002.jsonl", "b:data/train-00001-of-00002.jsonl"]);
  expect(await named("hf://datasets/owner/name", { split: "validation" })).toEqual(["b:data/validation.jsonl"]);
  expect(await named(`owner/name@${older}`)).toEqual(["a:more/extra.jsonl", "a:train.jsonl"]);
  expect(await named(`owner/name@${older}/more`)).toEqual(["a:more/extra.jsonl"]);
  expect(await named(`owner/name@${older}/table`, { format: "csv" })).toEqual(["a:table/train.csv"]);
});

test("what the cache does not hold, and links that lead out of it, are named with what fetches them", async () => {
  const root = cacheOf({ [newer]: ["train.csv"] });
  symlinkSync("/etc/hosts", join(root, "snapshots", newer, "train.jsonl"));
  expect(await named("owner/name")).toEqual([
    'data.files.0.path: "owner/name" has no train files of format alpaca in the Hugging Face cache, or not all.',
  ]);
  expect(await named("owner/other")).toEqual([
    'data.files.0.path: "owner/other" is not in the Hugging Face cache. Fetch it with: deltascope download hf://datasets/owner/other',
  ]);
  expect(await named(`owner/name@${older}`)).toEqual([expect.stringContaining("is not in the Hugging Face cache")]);
});

test("in a recipe: a file that is there goes first, then the cache", async () => {
  cacheOf({ [newer]: ["train.jsonl"] });
  const folder = temporaryFolder();
  const resolved = async () => {
    const recipe = { preset: "quick-demo", data: { files: [{ path: "owner/name", format: "alpaca" }] } };
    const { config, problems } = await resolveRecipe({ recipe, folder });
    return { problems: problems.map(({ field }) => field), paths: config?.data.files.map(({ path }) => path) };
  };
  const { problems, paths } = await resolved();
  expect(problems).toEqual([]);
  expect(paths).toEqual([expect.stringMatching(/snapshots\/b{40}\/train\.jsonl$/)]);
  mkdirSync(join(folder, "owner"));
  writeFileSync(join(folder, "owner", "name"), "{}\n");
  expect((await resolved()).paths).toEqual([join(folder, "owner", "name")]);
});

test.each(["hf://datasets/owner/name/../x", "owner/name/.git", "../name", "owner", "owner/na--me", "owner//x"])(
  "no data set: %s",
  (location) => expect(parseDataset(location)).toBeUndefined(),
);

test.each([
  ["/owner/name", false],
  ["C:/data", false],
  ["owner/name", true],
])("%s is an id: %s", (location, expected) => expect(isDatasetId(location)).toBe(expected));
