import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { writeAdapter, writeCheckpoint } from "../../../test/builders/checkpoint.ts";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { plainAnalysis, plainBase } from "../../../test/builders/store-records.ts";
import type { LibraryItem } from "../../contract/domain/library.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/types.ts";
import { createLibrary, type Library } from "./library.ts";

let folder: string;
let store: Store;
let library: Library;
let published: LibraryItem[][];
beforeEach(async () => {
  folder = temporaryFolder("library");
  vi.stubEnv("HF_HUB_CACHE", join(folder, "cache"));
  store = await openStore(join(folder, "store.duckdb"));
  published = [];
  library = createLibrary({ store, publish: (items) => void published.push(items) });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await store.close();
});

const at = (name: string): string => join(folder, name);

/** "label kind letter → base" of every item. */
async function lines(): Promise<string[]> {
  const items = await library.list();
  const labels = new Map(items.map(({ id, label }) => [id, label]));
  return items.map(({ label, kind, letter, base }) =>
    [label, kind, letter ?? "0", ...(base === null ? [] : ["→", labels.get(base)])].join(" "),
  );
}

test("a base with its fine-tunes, in whatever order they come", async () => {
  writeCheckpoint(at("models/a-tuned"), { seed: 2 });
  writeCheckpoint(at("models/the-base"), { seed: 1 });
  writeAdapter(at("models/lora"), { config: { base_model_name_or_path: "../the-base" } });
  await library.add([at("models")]);
  expect(await lines()).toEqual(["a-tuned full A → the-base", "lora adapter B → the-base", "the-base base 0"]);
  expect(published.at(-1)).toEqual(await library.list());
});

test("without any hint the first of equal shapes is the base; another shape is a base of its own", async () => {
  const paths = [writeCheckpoint(at("x"), { seed: 1 }), writeCheckpoint(at("y"), { seed: 2 })];
  await library.add([...paths, writeCheckpoint(at("z"), { shape: { hidden: 32 } })]);
  expect(await lines()).toEqual(["x base 0", "y full A → x", "z base 0"]);
});

test("a base that comes later is found by the adapters that name it", async () => {
  const lora = writeAdapter(at("lora"), { config: { base_model_name_or_path: "/elsewhere/Qwen2.5" } });
  await library.add([lora]);
  expect(await lines()).toEqual(["lora adapter A"]);
  await library.add([writeCheckpoint(at("Qwen2.5"))]);
  expect(await lines()).toEqual(["lora adapter A → Qwen2.5", "Qwen2.5 base 0"]);
});

test("an adapter of another model finds no base until the user says which", async () => {
  const lora = writeAdapter(at("lora"), { config: { base_model_name_or_path: "someone/other" } });
  const [base, item] = await library.add([writeCheckpoint(at("base")), lora]);
  expect(item?.base).toBeNull();
  await library.assignBase(item?.id ?? "", base?.id ?? "");
  await library.add([lora, at("base")]);
  expect(await lines()).toEqual(["base base 0", "lora adapter A → base"]);
});

test("the user's word goes before names, and a stored analysis before hints", async () => {
  const [one, other] = await library.add([
    writeCheckpoint(at("base"), { seed: 1 }),
    writeCheckpoint(at("other"), { seed: 2 }),
  ]);
  await library.assignBase(one?.id ?? "", other?.id ?? "");
  expect(await lines()).toEqual(["base full B → other", "other base 0"]);
});

test("what was analysed against a base belongs to it", async () => {
  await library.add([writeCheckpoint(at("base"), { seed: 1 }), writeCheckpoint(at("other"), { seed: 2 })]);
  const [base, other] = (await store.library()).map(({ fingerprint }) => fingerprint ?? "");
  const record = plainAnalysis("a".repeat(64), { fingerprint: base, base: { ...plainBase, fingerprint: other ?? "" } });
  await store.putAnalysis({ ...record, matrices: 15 });
  await library.add([writeCheckpoint(at("third"), { seed: 3 })]);
  const items = await library.list();
  expect(items.map(({ label, kind }) => `${label} ${kind}`)).toEqual(["base full", "other base", "third full"]);
  expect(items[0]?.analysis).toEqual({ id: "a".repeat(12), modules: 0, total: 15 });
});

test("letters go by the order of adding, begin anew after H, and stay after a removal", async () => {
  const paths = Array.from({ length: 9 }, (_, index) => writeAdapter(at(`lora-${index}`), { seed: index + 5 }));
  const added = await library.add(paths);
  expect(added.map(({ letter }) => letter).join("")).toBe("ABCDEFGHA");
  const [first, second] = added.map(({ id }) => id);
  await library.remove([first ?? ""]);
  const [again] = await library.add([writeAdapter(at("new"), { seed: 40 })]);
  expect(again?.letter).toBe("B");
  await library.restore([first ?? ""]);
  const items = await library.list();
  expect([items.find(({ id }) => id === first)?.letter, items.find(({ id }) => id === second)?.letter]).toEqual([
    "A",
    "B",
  ]);
});

test("names that two folders share are numbered; the same folder is the same item", async () => {
  const paths = [writeAdapter(at("a/lora"), { seed: 3 }), writeAdapter(at("b/lora"), { seed: 4 })];
  await library.add(paths);
  await library.add(paths);
  expect((await library.list()).map(({ label }) => label)).toEqual(["lora", "lora-2"]);
});

test("an error stays with its item until the same path is added again", async () => {
  mkdirSync(at("model"));
  writeFileSync(at("model/pytorch_model.bin"), "");
  const [refused] = await library.add([at("model")]);
  expect(refused).toMatchObject({ kind: "unknown", letter: null, error: { code: "checkpoint.pickle" } });
  rmSync(at("model/pytorch_model.bin"));
  writeCheckpoint(at("model"));
  const [accepted] = await library.add([at("model")]);
  expect(accepted).toMatchObject({ id: refused?.id, kind: "base", error: null });
});

test("an adapter that its family refuses is still known as one", async () => {
  const [item] = await library.add([writeAdapter(at("prompt"), { config: { peft_type: "PROMPT_TUNING" } })]);
  expect(item).toMatchObject({ kind: "adapter", inspection: null, error: { code: "adapter.no-static-delta" } });
});

test("files that are gone show, each with its name", async () => {
  await library.add([writeAdapter(at("lora"))]);
  rmSync(at("lora/adapter_model.safetensors"));
  const [item] = await library.list();
  expect(item?.error).toMatchObject({ code: "source.not-found", where: at("lora/adapter_model.safetensors") });
  renameSync(at("lora"), at("elsewhere"));
  expect((await library.list())[0]?.error).toMatchObject({ where: at("lora") });
});

test("the Hub's cache is scanned for models, and repositories give their name", async () => {
  const commit = "f".repeat(40);
  writeCheckpoint(at(`cache/models--owner--Tiny-1B/snapshots/${commit}`));
  mkdirSync(at("cache/models--owner--only-a-tokenizer/snapshots/abc"), { recursive: true });
  mkdirSync(at("cache/datasets--owner--text"), { recursive: true });
  const [item, ...others] = await library.scanCache();
  expect(others).toEqual([]);
  expect(item).toMatchObject({ label: "Tiny-1B", inspection: { repository: "owner/Tiny-1B", revision: commit } });
});

test("without a cache there is nothing to add", async () => {
  expect(await library.scanCache()).toEqual([]);
});
