import { expect, test } from "vitest";
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { search } from "./entries.ts";
import { matchPoints, typedWords } from "./match.ts";
import { moduleEntries, runEntries } from "./module-entries.ts";

const ids = { A: "aaaaaaaaaaaa", B: "bbbbbbbbbbbb" } as const;
const runs = (["A", "B"] as const).map((letter) => ({ id: ids[letter], letter, label: `lora-${letter}` })) as AppRun[];

function row(letter: "A" | "B", layer: number | null, kind: string, intruders: number | null = 0): ModuleRow {
  const name = `model.${layer}.${kind}`;
  return {
    analysis: `${ids[letter]}rest`,
    name,
    layer,
    kind,
    expert: null,
    status: "measured",
    intruders,
  } as ModuleRow;
}

const layers = Array.from({ length: 36 }, (_, layer) => layer);
const rows = (["A", "B"] as const).flatMap((letter) =>
  layers.flatMap((layer) => [
    row(letter, layer, "down_proj", letter === "B" && layer === 3 ? 5 : 0),
    row(letter, layer, "up_proj"),
  ]),
);
const nothing = { showModule: () => undefined, compareRun: () => undefined };
const entries = [...moduleEntries(runs, rows, nothing), ...runEntries(runs, nothing)];

function titles(text: string, recent: string[] = []): string[] {
  return search(entries, text, recent).flatMap((group) => group.entries.map((e) => `${e.letter} ${e.title}`));
}

test("“l3 down” is layer 3 before layers that begin with 3, the run with intruders first", () => {
  expect(titles("l3 down").slice(0, 3)).toEqual([
    "B Layer 3 · down_proj",
    "A Layer 3 · down_proj",
    expect.stringMatching(/Layer 3\d · down_proj/),
  ]);
});

test("modules of runs on screen come first, however many intruders others have", () => {
  const found = search(moduleEntries(runs, rows, nothing, new Set([ids.A])), "l3 down", []);
  expect(found[0]?.entries.map(({ letter }) => letter).slice(0, 2)).toEqual(["A", "B"]);
});

test("every typed word must be found", () => {
  expect(titles("l3 nothing")).toEqual([]);
  expect(titles("layer 35 up b")[0]).toBe("B Layer 35 · up_proj");
});

test("letters in order find a longer word, but count least", () => {
  const entry = { words: ["down_proj"] };
  const of = (text: string) => matchPoints(entry, typedWords(text)) ?? 0;
  expect(of("down_proj")).toBeGreaterThan(of("down"));
  expect(of("down")).toBeGreaterThan(of("wn_p"));
  expect(of("wn_p")).toBeGreaterThan(of("dnpj"));
  expect(of("dnpj")).toBeGreaterThan(0);
  expect(of("jpnd")).toBe(0);
});

test("a group shows a few entries only, however many match", () => {
  const [modules] = search(entries, "proj", []);
  expect(modules?.entries).toHaveLength(8);
});

test("what was chosen lately comes first among equals, and alone when nothing is typed", () => {
  const id = `module ${ids.A} model.3.down_proj`;
  expect(titles("l3 down", [id])[0]).toBe("A Layer 3 · down_proj");
  const [recent] = search(entries, "", [id]);
  expect(recent).toMatchObject({ group: "Recent", entries: [{ id }] });
});

test("nothing typed: runs and commands, but not every module", () => {
  const groups = search(entries, " ", []).map(({ group }) => group);
  expect(groups).toEqual(["Runs"]);
});

test("rows of runs that are gone are passed over", () => {
  const orphan = { ...row("A", 1, "q_proj"), analysis: "ffffffffffffrest" };
  expect(moduleEntries(runs, [orphan], nothing)).toEqual([]);
});
