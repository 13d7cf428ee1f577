import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeAdapter, writeCheckpoint } from "../../../test/builders/checkpoint.ts";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/types.ts";
import { browse } from "./browse.ts";
import { createPlaces, type Places } from "./places.ts";

let root: string;
let outside: string;
let store: Store;
let places: Places;
beforeEach(async () => {
  [root, outside] = [temporaryFolder("roöt"), temporaryFolder("outside")];
  store = await openStore(join(temporaryFolder(), "store.duckdb"));
  places = createPlaces(store, temporaryFolder("workspace"), [root]);
});
afterEach(() => store.close());

test("folders are shown with what they hold, sorted, hidden ones and files left out", async () => {
  writeCheckpoint(join(root, "model"));
  writeAdapter(join(root, "lora"));
  mkdirSync(join(root, ".git"));
  mkdirSync(join(root, "Docs"));
  writeFileSync(join(root, "readme.txt"), "");
  const { folder, parent, entries } = await browse(places, undefined);
  expect([folder, parent]).toEqual([root, null]);
  expect(entries.map(({ name, kind }) => `${name} ${kind}`)).toEqual(["Docs folder", "lora adapter", "model model"]);
  expect((await browse(places, join(root, "Docs"))).parent).toBe(root);
});

test("files are shown where their ends are asked for, by their real paths, and never from outside", async () => {
  mkdirSync(join(root, "tasks.jsonl"));
  for (const name of ["facts.jsonl", "FACTS.JSONL", "notes.txt", ".hidden.jsonl"]) writeFileSync(join(root, name), "");
  writeFileSync(join(outside, "far.jsonl"), "");
  symlinkSync(join(outside, "far.jsonl"), join(root, "link.jsonl"));
  const { entries } = await browse(places, root, [".jsonl"]);
  expect(entries.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    "facts.jsonl file",
    "FACTS.JSONL file",
    "tasks.jsonl folder",
  ]);
});

test("links that stay inside are followed, those that lead outside are not shown", async () => {
  mkdirSync(join(root, "inside"));
  symlinkSync(join(root, "inside"), join(root, "near"));
  symlinkSync(outside, join(root, "far"));
  const { entries } = await browse(places, root);
  expect(entries.map(({ name, path }) => [name, path])).toEqual([
    ["inside", join(root, "inside")],
    ["near", join(root, "inside")],
  ]);
});

test.each(["", "../", "../../etc", "link", "link/deeper"])("no way out: %j", async (way) => {
  symlinkSync(outside, join(root, "link"));
  const path = way === "" ? outside : join(root, way);
  await expect(browse(places, path)).rejects.toMatchObject({ code: "place.not-allowed" });
  await expect(places.check({ sources: [root, path], files: [] })).rejects.toMatchObject({
    code: "place.not-allowed",
    where: path,
  });
});

test("what is absent inside is not found rather than forbidden", async () => {
  await expect(browse(places, join(root, "gone"))).rejects.toMatchObject({ code: "source.not-found" });
  await expect(places.check({ sources: [join(root, "gone"), "hf://owner/name"], files: [] })).resolves.toBeUndefined();
  // To whatever writes a file this is a path that climbs out of the present folder.
  const climbing = "hf://../../../elsewhere";
  await expect(places.check({ sources: [], files: [climbing] })).rejects.toMatchObject({ where: climbing });
});

test("folders opened before may be opened again", async () => {
  const item = { id: "i", path: outside, label: "o", kind: "unknown" as const, base: undefined, assigned: false };
  const more = {
    addedAt: "2026",
    removedAt: undefined,
    fingerprint: undefined,
    bytes: null,
    inspection: null,
    error: null,
  };
  await store.putLibrary([{ ...item, ...more }]);
  await expect(places.check({ sources: [join(outside, "checkpoint-500")], files: [] })).resolves.toBeUndefined();
});
