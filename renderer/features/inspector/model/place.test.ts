import { expect, test } from "vitest";
import type { ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { addressOf, hasIntruders, inOrder, neighbour, placeAmong, rowAt } from "./place.ts";

function row(layer: number | null, kind: string, upper: number, expert: number | null = null): ModuleRow {
  const name = `${layer ?? "x"}.${kind}${expert === null ? "" : `.${expert}`}`;
  const bounds = { left: { lower: [upper], upper: [upper], deltaShare: [0.5] }, right: null };
  return { name, layer, kind, expert, bounds } as ModuleRow;
}

const rows = [
  row(1, "q_proj", 0.3),
  row(0, "down_proj", 0.2),
  row(0, "q_proj", 0.9),
  row(null, "embed_tokens", 0.9),
  row(1, "up_proj", 0.1, 3),
];
const settings = { k: 10, epsilon: 0.5, side: "left" as const };
const withIntruders = (candidate: ModuleRow) => hasIntruders(candidate, settings);
const at = (name: string) => rows.find((candidate) => candidate.name === name);

test("modules stand as in the network, others last", () => {
  expect(inOrder(rows).map(({ name }) => name)).toEqual([
    "0.q_proj",
    "0.down_proj",
    "1.q_proj",
    "1.up_proj.3",
    "x.embed_tokens",
  ]);
});

test("an address finds its module", () => {
  expect(rowAt(rows, { run: "a", layer: "0", kind: "down_proj" })?.name).toBe("0.down_proj");
  expect(rowAt(rows, { run: "a", name: "x.embed_tokens" })?.name).toBe("x.embed_tokens");
  expect(rowAt(rows, { run: "a", layer: "7", kind: "q_proj" })).toBeUndefined();
});

test.each(rows.map((entry) => [entry.name, entry] as const))("the address of %s leads back to it", (_, entry) => {
  expect(rowAt(rows, addressOf("a", entry).params)).toBe(entry);
});

test("the next module with intruders, going round", () => {
  expect(neighbour(rows, at("0.down_proj"), 1, withIntruders)?.name).toBe("1.q_proj");
  expect(neighbour(rows, at("1.up_proj.3"), 1, withIntruders)?.name).toBe("0.down_proj");
  expect(neighbour(rows, at("0.down_proj"), -1, withIntruders)?.name).toBe("1.up_proj.3");
  expect(neighbour(rows, at("0.q_proj"), 1, () => true)?.name).toBe("0.down_proj");
  expect(neighbour(rows, at("0.q_proj"), 1, () => false)).toBeUndefined();
  expect(neighbour([], undefined, 1, () => true)).toBeUndefined();
});

test("place among the modules with intruders", () => {
  expect(placeAmong(rows, at("1.q_proj"), withIntruders)).toEqual({ index: 2, count: 3 });
  expect(placeAmong(rows, at("0.q_proj"), withIntruders)).toEqual({ index: undefined, count: 3 });
});

test("another ε changes who has intruders", () => {
  expect(
    rows.filter((candidate) => hasIntruders(candidate, { ...settings, epsilon: 0.25 })).map(({ name }) => name),
  ).toEqual(["0.down_proj", "1.up_proj.3"]);
  expect(hasIntruders(row(0, "q_proj", 0.1), { ...settings, side: "right" })).toBe(false);
});
