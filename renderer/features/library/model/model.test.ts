/** Groups, states, fits and choices over what the engine recognises in the demo and in small checkpoints. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { DeltaScopeError } from "../../../../src/contract/errors.ts";
import { inspect } from "../../../../src/engine/inspect.ts";
import { writeAdapter, writeCheckpoint } from "../../../../test/builders/checkpoint.ts";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import { chooseComparison, mostRuns } from "./comparison.ts";
import { addedSentence, mostPaths } from "./dropped.ts";
import { fitOf, fittingBases } from "./fit.ts";
import { filterGroups, groupItems, tableRows } from "./groups.ts";
import { layerNumbers } from "./item-facts.ts";
import { stateOf } from "./item-state.ts";
import { recognisedAs } from "./recognised.ts";

const demo = join(import.meta.dirname, "../../../../demo");
const wide = { hidden: 32, intermediate: 48, keyValue: 16 };

async function item(path: string, kind: LibraryItem["kind"], base: string | null = null): Promise<LibraryItem> {
  const id = path.split("/").at(-1) ?? "";
  const inspection = await inspect(path);
  const rest = { letter: null, addedAt: "", bytes: 1, error: null, analysis: null };
  return { id, path, label: id, kind, base, inspection, ...rest };
}

let base: LibraryItem;
let lora: LibraryItem;
let full: LibraryItem;
let wideBase: LibraryItem;
let wideAdapter: LibraryItem;

beforeAll(async () => {
  const folder = temporaryFolder();
  base = await item(join(demo, "base"), "base");
  lora = await item(join(demo, "lora-r4"), "adapter", "base");
  full = await item(join(demo, "fft"), "full", "base");
  wideBase = await item(writeCheckpoint(join(folder, "wide"), { shape: wide }), "base");
  const config = { base_model_name_or_path: "someone/wide" };
  wideAdapter = await item(writeAdapter(join(folder, "wide-lora"), { shape: wide, config }), "adapter");
});

describe("fit", () => {
  test("adapter and full fine-tune of the demo fit its base in all 28 matrices of the layers", () => {
    expect(fitOf(lora, base)).toMatchObject({ found: 28, total: 28 });
    expect(fitOf(full, base)).toMatchObject({ found: 28, total: 28 });
    expect(fitOf(full, base)?.checks.every(({ result }) => result === "ok")).toBe(true);
  });

  test("a foreign adapter names both shapes, and the base it fits is found", () => {
    const fit = fitOf(wideAdapter, base);
    expect(fit).toMatchObject({ found: 0, total: 4 });
    expect(fit?.checks.map(({ text }) => text)).toContain("q_proj is 128 × 128 in the base, 32 × 32 here");
    expect(fittingBases(wideAdapter, [base, wideBase])).toEqual([wideBase]);
    expect(fitOf(wideAdapter, wideBase)?.checks.at(-1)).toEqual({
      result: "ok",
      text: "The configuration names this base",
    });
  });
});

describe("state in words", () => {
  test("an orphan says what it needs, or what it fits", () => {
    expect(stateOf(wideAdapter, [base, wideAdapter])).toMatchObject({
      ...{ tone: "warn", remedy: "find-base" },
      text: "Needs someone/wide, which is not here.",
    });
    expect(stateOf(wideAdapter, [wideBase, wideAdapter]).text).toBe("Fits wide; not paired yet.");
  });

  test("pickle files are refused, missing shards can be looked for again", () => {
    const broken = (error: DeltaScopeError) => stateOf({ ...lora, inspection: null, error: error.toDocument() }, []);
    expect(broken(new DeltaScopeError("checkpoint.pickle", "x"))).toMatchObject({ tone: "warn", remedy: "how" });
    const missing = new DeltaScopeError("checkpoint.shard-missing", `${lora.path} lacks shard 2.`);
    expect(broken(missing)).toMatchObject({ tone: "bad", remedy: "rescan", text: "lora-r4 lacks shard 2." });
  });

  test("an analysis of fewer modules than the header promises is worth a look", () => {
    const analysed = (total: number) => stateOf({ ...lora, analysis: { id: "x", modules: total, total } }, [base]);
    expect(analysed(28)).toMatchObject({ tone: "ok", text: "28 of 28 paired" });
    expect(analysed(20)).toMatchObject({ tone: "warn", text: "20 of 28 paired" });
  });
});

describe("table", () => {
  test("bases with their own, then what has no base here, then what was not opened", () => {
    const broken: LibraryItem = { ...lora, id: "broken", kind: "unknown", base: null, inspection: null };
    const groups = groupItems([lora, wideAdapter, base, broken, full]);
    expect(groups.map(({ title, items }) => [title, items.map(({ id }) => id)])).toEqual([
      ["base", ["lora-r4", "fft"]],
      ["Base not in this workspace", ["wide-lora"]],
      ["Not opened", ["broken"]],
    ]);
    expect(tableRows(groups, new Set(["base"]))).toHaveLength(5);
  });

  test("the filter looks at names, kinds and problems", () => {
    const items = [base, lora, full, wideAdapter];
    const found = (q: string) =>
      filterGroups(groupItems(items), items, { q }).flatMap((group) => group.items.map(({ id }) => id));
    expect(found("fft")).toEqual(["fft"]);
    expect(found("LORA needs")).toEqual(["wide-lora"]);
    expect(found("nothing like it")).toEqual([]);
  });
});

describe("comparison", () => {
  test("tuned items bring their base; two bases, none, or too many runs are refused with the reason", () => {
    const items = [base, wideBase, lora, full, wideAdapter];
    expect(chooseComparison([lora, full], items)).toEqual({ comparison: { base, tuned: [lora, full] } });
    expect(chooseComparison([wideAdapter, wideBase], items)).toEqual({
      comparison: { base: wideBase, tuned: [wideAdapter] },
    });
    expect(chooseComparison([base], items)).toMatchObject({ reason: "Select one or more tuned items." });
    expect(chooseComparison([lora, base, wideBase], items)).toMatchObject({
      reason: "The selected items have different bases.",
    });
    expect(chooseComparison([wideAdapter], items)).toMatchObject({
      reason: expect.stringContaining("Select the base as well"),
    });
    const many = Array.from({ length: mostRuns + 1 }, (_, index) => ({ ...lora, id: String(index) }));
    expect(chooseComparison(many, items)).toMatchObject({ reason: "At most 8 runs stand beside each other." });
  });
});

describe("words", () => {
  test("layers of a header, and of a hostile one", () => {
    expect(layerNumbers("0-3, 7")).toEqual([0, 1, 2, 3, 7]);
    expect(layerNumbers(null)).toEqual([]);
    expect(layerNumbers("0-99999999999, x")).toHaveLength(10_000);
  });

  test("the scale with its numbers, also with the root of rank-stabilised LoRA", async () => {
    const scaleOf = (of: LibraryItem) => recognisedAs(of).find(({ label }) => label === "Scale");
    expect(scaleOf(lora)).toMatchObject({ text: "α / r = 8 / 4 = ", value: "2" });
    const config = { use_rslora: true };
    const rooted = await item(writeAdapter(join(temporaryFolder(), "rooted"), { config }), "adapter");
    // 8 / √4
    expect(scaleOf(rooted)).toMatchObject({ text: "α / √r = 8 / √4 = ", value: "4" });
  });

  test("what became of dropped files", () => {
    expect(addedSentence(1, 1, 1)).toBeUndefined();
    expect(addedSentence(1, 1, 0)).toBe("Already in the list; read again.");
    expect(addedSentence(9000, 2, 2)).toBe(
      "2 checkpoints and adapters found among 9000 dropped files; the others belong to none.",
    );
    expect(addedSentence(mostPaths + 1, 2, 2)).toContain("Drop their folder instead.");
  });
});
