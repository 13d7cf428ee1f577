import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { discover } from "./discover.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder("dröp pêd");
});

/** Makes empty files and gives the folder back: names are all that is looked at. */
function make(...files: string[]): string {
  for (const file of files) {
    const path = join(folder, file);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, "");
  }
  return folder;
}

async function found(...paths: string[]): Promise<string[]> {
  const all = await discover(paths.map((path) => join(folder, path)));
  return all.map(({ location }) => location.slice(folder.length + 1));
}

test("a folder that holds several sources gives each of them", async () => {
  make("base/config.json", "base/model.safetensors", "runs/a/adapter_model.safetensors", "runs/b/model.safetensors");
  make("notes/readme.md", "base/checkpoint-500/model.safetensors");
  expect(await found("")).toEqual(["base", "runs/a", "runs/b"]);
});

test("sources deeper than a Hub cache are not looked for, hidden folders and links neither", async () => {
  make("models--o--n/snapshots/c/model.safetensors", "1/2/3/4/model.safetensors", ".hidden/model.safetensors");
  const elsewhere = temporaryFolder();
  writeFileSync(join(elsewhere, "model.safetensors"), "");
  symlinkSync(elsewhere, join(folder, "link"));
  expect(await found("")).toEqual(["models--o--n/snapshots/c"]);
  expect(await found("link")).toEqual(["link"]);
});

test.each([
  ["config.json", ""],
  ["model.safetensors", ""],
  ["model-00001-of-00002.safetensors", ""],
  ["model.safetensors.index.json", ""],
  ["adapter_config.json", ""],
  ["merged.safetensors", "/merged.safetensors"],
  ["pytorch_model.bin", "/pytorch_model.bin"],
])("the file %s stands for x%s", async (name, location) => {
  make(`x/${name}`);
  expect(await found(`x/${name}`)).toEqual([`x${location}`]);
});

test("all files of one checkpoint are one source, and loose files are passed over", async () => {
  make("m/config.json", "m/model.safetensors", "m/tokenizer.json", "readme.txt");
  expect(await found("m/config.json", "m/model.safetensors", "m/tokenizer.json", "readme.txt", "m")).toEqual(["m"]);
});

test("a configuration without weights is opened, so that it can say what is missing", async () => {
  make("m/config.json");
  expect(await found("")).toEqual(["m"]);
});

test("a folder without anything is named with its reason", async () => {
  make("texts/a.txt");
  const [one] = await discover([folder]);
  expect(one).toMatchObject({ location: folder, error: { code: "source.empty" } });
});

test("what does not exist is a location, so that opening it says so; Hub ids stay as they are", async () => {
  const places = [join(folder, "gone"), "hf://owner/name", "owner/name@main"];
  expect((await discover(places)).map(({ location }) => location)).toEqual(places);
});

test("ten thousand loose files end in one answer", async () => {
  const paths = Array.from({ length: 10_000 }, (_, index) => join(folder, `${index}.txt`));
  for (const path of paths) writeFileSync(path, "");
  await expect(discover(paths)).rejects.toMatchObject({
    code: "library.nothing-found",
    message: "None of the 10000 files is a part of a checkpoint or an adapter.",
  });
  const [inOneFolder, ...others] = await discover([folder]);
  expect(others).toEqual([]);
  expect(inOneFolder).toMatchObject({ location: folder, error: { code: "source.empty" } });
});

test("no more sources than a list can show", async () => {
  for (let index = 0; index < 250; index += 1) make(`m${index}/model.safetensors`);
  expect(await found("")).toHaveLength(200);
});
