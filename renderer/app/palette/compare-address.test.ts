import { expect, test } from "vitest";
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { compareAddress } from "./compare-address.ts";

const run = (id: string, base = "qwen") =>
  ({ id, path: `/${id}`, modules: 1, base: { fingerprint: base } }) as unknown as AppRun;
const all = ["a", "b", "c", "d", "e", "f"].map((id) => run(id));
const row = { layer: 3, kind: "down_proj" } as ModuleRow;
const of = (present: Parameters<typeof compareAddress>[1], id: string) =>
  compareAddress(all, present, all.find((candidate) => candidate.id === id) ?? run(id), row);

test("the cell is selected in the run's track; metric and brush stay", () => {
  expect(of({ metric: "k90", layers: "2-3", as: "table" }, "b")).toEqual({
    metric: "k90",
    layers: "2-3",
    as: undefined,
    sel: "3.down_proj",
    at: "b",
    runs: undefined,
    fold: undefined,
  });
});

test("a folded track is opened, the other folded ones stay", () => {
  expect(of({}, "e").fold).toBe("f");
  expect(of({ fold: "a,e" }, "e").fold).toBe("a");
  expect(of({ fold: "e" }, "e").fold).toBe("none");
});

test("a run that is not shown is added; one of another base stands alone", () => {
  expect(of({ runs: "a,c" }, "b").runs).toBe("a,c,b");
  expect(compareAddress([...all, run("x", "llama")], {}, run("x", "llama"), row).runs).toBe("x");
});
