/** Tracks, cells and their states; what keeps its identity while results arrive. */
import { expect, test } from "vitest";
import { appRunOf, exactBounds, moduleRowOf } from "../../../../test/builders/module-rows.ts";
import { cellAt, foldedCells, trackCells } from "./cells.ts";
import { gridOf, outside, shortKind, sortKinds, splitTracks } from "./grid.ts";
import { metrics } from "./metrics.ts";
import { createDecider } from "./test-settings.ts";

const a = appRunOf("A");
const b = appRunOf("B", { modules: 2 });
const decide = createDecider({ k: 4, epsilon: 0.5, side: "left" });
const context = { metric: metrics.relative, decide };
const rows = [
  moduleRowOf(a, 0, "q_proj", { relative: 0.2, bounds: exactBounds([0.1, 0.9, 0.3, 0.9]) }),
  moduleRowOf(a, 1, "q_proj", { relative: 0, frobenius: 0 }),
  moduleRowOf(a, 2, "q_proj", {
    status: "failed",
    error: "no convergence",
    relative: null,
    bounds: { left: null, right: null },
  }),
  moduleRowOf(a, 3, "q_proj", { relative: null }),
  moduleRowOf(a, null, "embed_tokens"),
  moduleRowOf(b, 0, "zeta", { relative: 0.5 }),
  moduleRowOf(b, 0, "q_proj"),
];
const tracks = splitTracks([a, b], rows);
const [trackA, trackB] = tracks;
if (!trackA || !trackB) throw new Error("two tracks");
const grid = gridOf([a, b], rows);

test("kinds stand in the order of a block, unknown ones after them by name", () => {
  expect(sortKinds(["zeta", "down_proj", "alpha", "q_proj"])).toEqual(["q_proj", "down_proj", "alpha", "zeta"]);
  expect(grid.kinds).toEqual(["q_proj", "zeta"]);
  expect(grid.layers).toEqual([0, 1, 2, 3]);
  expect(shortKind("down_proj")).toBe("down");
});

test("every state of a cell", () => {
  const states = [0, 1, 2, 3].map((layer) => cellAt(trackA, layer, "q_proj", context).state);
  expect(states).toEqual(["value", "zero", "failed", "unmeasured"]);
  // A is finished and never had this kind; B still has modules to come.
  expect(cellAt(trackA, 0, "zeta", context).state).toBe("absent");
  expect(cellAt(trackB, 1, "q_proj", context).state).toBe("waiting");
  expect(cellAt(trackA, 0, "q_proj", context)).toMatchObject({ value: 0.2, intruders: 2, undecided: 0 });
});

test("loose bounds make a cosine an estimate, tight ones do not", () => {
  const cosine = { metric: metrics.cosine, decide };
  const loose = moduleRowOf(a, 0, "q_proj", {
    bounds: { left: { lower: [0.6], upper: [0.7], deltaShare: [0] }, right: null },
  });
  const [track] = splitTracks([a], [loose]);
  expect(track && cellAt(track, 0, "q_proj", cosine).state).toBe("estimated");
  expect(cellAt(trackA, 0, "q_proj", cosine)).toMatchObject({ state: "value", value: 0.1 });
});

test("modules outside the layers get a row of their own in the runs that have them", () => {
  const kinds = (track: typeof trackA) => trackCells(track, grid, context).map(({ kind }) => kind);
  expect(kinds(trackA)).toEqual(["q_proj", "zeta", "embed_tokens"]);
  expect(kinds(trackB)).toEqual(["q_proj", "zeta"]);
  expect(cellAt(trackA, outside, "embed_tokens", context).value).toBe(0.1);
});

test("kinds that were asked for have their rows before the first result; others do not wait", () => {
  const planned = { layered: ["v_proj", "q_proj"], outside: ["lm_head"] };
  const begun = appRunOf("C", { modules: 0, planned, state: "running" });
  const early = gridOf([begun], []);
  const [track] = splitTracks([begun], []);
  if (!track) throw new Error("a track");
  expect(trackCells(track, early, context).map(({ kind }) => kind)).toEqual(["q_proj", "v_proj", "lm_head"]);
  expect(cellAt(track, 0, "v_proj", context).state).toBe("waiting");
  expect(cellAt(track, 0, "up_proj", context).state).toBe("absent");
  expect(cellAt(track, outside, "embed_tokens", context).state).toBe("absent");
});

test("chosen kinds leave the others out, those outside the layers too", () => {
  const chosen = gridOf([a, b], rows, ["q_proj"]);
  expect(trackCells(trackA, chosen, context).map(({ kind }) => kind)).toEqual(["q_proj"]);
});

test("several experts share a cell: the strongest value speaks, intruders add up", () => {
  const experts = [0, 1, 2].map((expert) =>
    moduleRowOf(a, 0, "up_proj", { expert, relative: 0.1 * (expert + 1), bounds: exactBounds([0.4, 0.9]) }),
  );
  const [track] = splitTracks([a], experts);
  if (!track) throw new Error("a track");
  expect(cellAt(track, 0, "up_proj", context)).toMatchObject({ value: 0.30000000000000004, intruders: 3 });
  expect(cellAt(track, 0, "up_proj", { metric: metrics.cosine, decide }).value).toBe(0.4);
});

test("a folded track shows the highest value of each layer", () => {
  const cells = foldedCells(trackCells(trackB, grid, context), grid.layers, metrics.relative);
  expect(cells.map(({ value }) => value)).toEqual([0.5, null, null, null]);
  expect(cells.map(({ state }) => state)).toEqual(["value", "waiting", "waiting", "waiting"]);
});

test("a track without new rows stays the same object", () => {
  const more = splitTracks([a, b], [...rows, moduleRowOf(b, 1, "q_proj")], tracks);
  expect(more[0]).toBe(trackA);
  expect(more[1]).not.toBe(trackB);
});
