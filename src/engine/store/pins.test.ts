import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import type { Pin } from "../../contract/domain/pin.ts";
import { openStore } from "./open-store.ts";
import type { Store } from "./types.ts";

let file: string;
let store: Store;
beforeEach(async () => {
  file = path.join(temporaryFolder("pins"), "store.duckdb");
  store = await openStore(file);
});
afterEach(() => store.close());

function pinOf(id: string): Pin {
  return {
    id,
    addedAt: "2026-11-22T09:41:00.000Z",
    note: "",
    view: "spectra",
    title: `Pin ${id}`,
    address: "/spectra?kind=q_proj",
    runs: ["abcdefabcdef"],
    sentences: ["σ₁ is 0.5."],
    table: { columns: ["a", "b"], rows: [["x", -0.5]] },
    picture: "<svg/>",
  };
}

const ids = async (): Promise<string[]> => (await store.pins()).map(({ id }) => id);

test("pins come back as they were, in the order of adding, also after closing", async () => {
  for (const id of ["b", "a"]) await store.addPin(pinOf(id));
  await store.close();
  store = await openStore(file);
  expect(await store.pins()).toEqual([pinOf("b"), pinOf("a")]);
});

test("notes, order and removal change one thing only", async () => {
  for (const id of ["a", "b", "c"]) await store.addPin(pinOf(id));
  await store.notePin("b", "it's <b>");
  await store.arrangePins(["c", "nowhere"]);
  expect(await store.pins()).toEqual([pinOf("c"), pinOf("a"), { ...pinOf("b"), note: "it's <b>" }]);
  await store.removePins(["a", "nowhere"]);
  expect(await ids()).toEqual(["c", "b"]);
  await store.addPin(pinOf("d"));
  expect(await ids()).toEqual(["c", "b", "d"]);
});
