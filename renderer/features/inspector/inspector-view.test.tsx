/** The Inspector over the demo's real results. */
import { screen, waitFor, within } from "@testing-library/react";
import { beforeAll, expect, test } from "vitest";
import { type AnalysisSpec, analysisSpec } from "../../../src/contract/domain/analysis.ts";
import type { AuditSpec } from "../../../src/contract/domain/audit.ts";
import { type AppRun, type CosineMap, type ModuleRow, moduleRow } from "../../../src/contract/domain/cells.ts";
import { formatShare } from "../../../src/contract/format.ts";
import { auditDocumentOf } from "../../../test/builders/audit-document.ts";
import { openDemoData } from "../../../test/builders/demo-data.ts";
import { fakeClient } from "../../../test/builders/fake-client.ts";
import { renderView } from "../../testing/render-view.tsx";
import { InspectorView } from "./inspector-view.tsx";
import { inspectorSearch } from "./search.ts";

const { client } = openDemoData();
const path = "/inspector/$run/$layer/$kind";
let run: AppRun;
let rows: ModuleRow[];
/** A module of the demo with intruders, and one without. */
let found: ModuleRow;
let plain: ModuleRow;

beforeAll(async () => {
  const runs = await client.runs.all();
  const hot = runs.find(({ label }) => label === "lora-r4-hot");
  if (!hot) throw new Error("The demo has no lora-r4-hot.");
  run = hot;
  rows = (await client.runs.rows({ runs: [run.id] })).filter(({ layer }) => layer !== null);
  const withIntruders = rows.find(({ intruders }) => (intruders ?? 0) > 0);
  const without = rows.find(({ intruders }) => intruders === 0);
  if (!withIntruders || !without) throw new Error("The demo needs modules with and without intruders.");
  found = withIntruders;
  plain = without;
});

function open(row: Pick<ModuleRow, "layer" | "kind">, search = "", at = client) {
  return renderView({
    path,
    component: InspectorView,
    search: inspectorSearch,
    client: at,
    at: `/inspector/${run.id}/${row.layer}/${row.kind}${search}`,
  });
}

const sentence = () => screen.findByTestId("inspector-sentence");

test("sentence, diamonds and table rows agree with the stored count", async () => {
  open(found);
  const count = found.intruders ?? 0;
  expect((await sentence()).textContent).toContain(`${count} of the top 10 left singular vectors of W`);
  expect((await sentence()).textContent).toContain(formatShare(found.intruderEnergy));
  expect(screen.getByTestId("intruder-marks").childElementCount).toBe(count);
  const table = within(screen.getByTestId("panel-vectors"));
  expect(table.getAllByTestId(/^row-vector-/).map((row) => row.dataset.intruder)).toEqual(Array(count).fill("true"));
  expect(screen.getByText("certified")).toBeDefined();
});

test("a module without intruders says so and lists what was tested", async () => {
  open(plain);
  expect((await sentence()).textContent).toMatch(/^Each of the top 10 left singular vectors of W matches/);
  expect(screen.getAllByTestId(/^row-vector-/)).toHaveLength(10);
  expect(screen.getByTestId("intruder-marks").childElementCount).toBe(0);
});

test("ε and k of the address decide the stored bounds again", async () => {
  const bounds = found.bounds.left;
  if (!bounds) throw new Error("The demo tests left vectors.");
  const expected = bounds.upper.slice(0, 3).filter((upper) => upper < 0.95).length;
  open(found, "?k=3&eps=0.95");
  expect((await sentence()).textContent).toContain(`${expected} of the top 3 left singular vectors`);
  expect(await screen.findByText(/decided again from the stored bounds/)).toBeDefined();
});

test("J goes to the next module with intruders and keeps the settings; Shift J to the next of all", async () => {
  const { user, address } = open(found, "?eps=0.6");
  await sentence();
  const before = address();
  await user.keyboard("j");
  await waitFor(() => expect(address()).not.toBe(before));
  const [, , , layer, kind] = address().split(/[/?]/);
  const row = rows.find((candidate) => String(candidate.layer) === layer && candidate.kind === kind);
  expect(row?.bounds.left?.upper.some((upper) => upper < 0.6)).toBe(true);
  expect(address()).toContain("eps=0.6");
  await sentence();
  await user.keyboard("{Shift>}j{/Shift}");
  await waitFor(() => expect(address()).not.toContain(`/${layer}/${kind}`));
});

test("R shows the same module in the next run", async () => {
  const { user, address } = open(found);
  await sentence();
  await user.keyboard("r");
  await waitFor(() => expect(address()).not.toContain(run.id));
  expect(address()).toContain(`/${found.layer}/${found.kind}`);
});

test("the map is offered, computed on demand, and then stored", async () => {
  const { user } = open(found);
  await user.click(await screen.findByRole("button", { name: /^Compute map/ }));
  const map = await screen.findByRole("img", { name: /^Cosine similarity of the top 64 left vectors/ });
  expect(map).toBeDefined();
  expect(await client.inspector.stored({ run: run.id, name: found.name, side: "left" })).not.toBeNull();
});

test("a side that was not tested says so; its exact view decides it", async () => {
  const { user } = open(plain, "?side=right");
  expect((await sentence()).textContent).toContain("The right vectors of this module were not tested");
  await user.click(await screen.findByRole("button", { name: "Compute the exact view" }));
  await waitFor(async () => expect((await sentence()).textContent).toContain("top 10 right singular vectors"));
  expect(screen.getAllByText(/^exact view, /).length).toBeGreaterThan(0);
});

test("what the bounds leave open is decided by the exact view", async () => {
  const module = await client.runs.module({ run: run.id, name: plain.name });
  const left = module.sides.left;
  if (!left) throw new Error("The demo tests left vectors.");
  const vectors = left.vectors.map((vector, index) =>
    index === 0 ? { ...vector, maxCosine: { lower: 0.4, upper: 0.6 }, intruder: null } : vector,
  );
  const undecided = { ...module, sides: { left: { ...left, vectors } } };
  const best = left.vectors.map(({ maxCosine }, index) => (index === 0 ? 0.45 : maxCosine.lower));
  const view: CosineMap = {
    ...{ side: "left", rows: 1, columns: 1, cosines: btoa("\0\0\0\0"), best, seconds: 0.01 },
    ...{ base: [1], tuned: [1] },
  };
  const fake = fakeClient(
    { runs: { module: () => undecided }, inspector: { stored: () => null, compute: () => view } },
    client,
  );
  const { user } = open(plain, "", fake);
  expect((await sentence()).textContent).toContain("One is undecided: its bounds straddle ε.");
  await user.click(screen.getByRole("button", { name: "Decide exactly" }));
  await waitFor(async () => expect((await sentence()).textContent).toContain("1 of the top 10"));
  expect(screen.getByTestId("row-vector-1").textContent).toContain("exact view, below ε");
});

test("other settings are one click away", async () => {
  const { user, address } = open(found);
  await user.click(await screen.findByRole("button", { name: /^ε 0\.40, k 5:/ }));
  await waitFor(() => expect(address()).toContain("k=5"));
  expect(address()).toContain("eps=0.4");
});

test("a module that is not stored can be measured", async () => {
  const asked: AnalysisSpec[] = [];
  const fake = fakeClient(
    {
      runs: { rows: async (question) => (await client.runs.rows(question)).filter(({ name }) => name !== found.name) },
      jobs: {
        start: ({ kind, spec }) => {
          if (kind === "analysis") asked.push(analysisSpec.parse(spec));
          throw new Error("enough");
        },
      },
    },
    client,
  );
  const { user } = open(found, "", fake);
  await user.click(await screen.findByRole("button", { name: "Measure this module" }));
  await waitFor(() => expect(asked).toHaveLength(1));
  expect(asked[0]).toMatchObject({ base: run.base.path, tuned: [{ label: run.label, path: run.path }] });
  const pattern = new RegExp(asked[0]?.modules ?? "");
  const others = rows.filter(({ name }) => pattern.test(name)).map(({ name }) => name);
  expect(others).toEqual([found.name]);
});

test("a link to a layer that the base does not have names it", async () => {
  open({ layer: 99, kind: "down_proj" });
  expect((await screen.findByTestId("error-card")).textContent).toContain("has 4 layers; there is no layer 99");
});

test("a failed module names what went wrong and how to go on", async () => {
  const failed: Partial<ModuleRow> = { status: "failed", error: "The SVD did not converge." };
  const fake = fakeClient(
    {
      runs: {
        rows: async (question) =>
          (await client.runs.rows(question)).map((row) =>
            row.name === found.name ? moduleRow.parse({ ...row, ...failed }) : row,
          ),
      },
    },
    client,
  );
  open(found, "", fake);
  expect((await screen.findByTestId("error-card")).textContent).toContain("The SVD did not converge.");
  expect(screen.getByRole("button", { name: "Measure it exactly" })).toBeDefined();
});

test("an unreachable engine is a card with a way to try again", async () => {
  let broken = true;
  const all = () => {
    if (broken) throw new Error("The engine is away.");
    return client.runs.all();
  };
  const { user } = open(found, "", fakeClient({ runs: { all } }, client));
  expect((await screen.findByTestId("error-card")).textContent).toContain("The engine is away.");
  broken = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await sentence()).toBeDefined();
});

test("every chart has its numbers as a table, by keyboard alone", async () => {
  const { user } = open(found);
  const chart = await screen.findByRole("img", { name: /^Share of the squared norm/ });
  chart.focus();
  await user.keyboard("{ArrowRight}{ArrowRight}");
  expect(screen.getByRole("tooltip").textContent).toContain("k = 2");
  await user.keyboard("d");
  const table = await screen.findByRole("region", { name: "Cumulative energy, data" });
  expect(within(table).getAllByRole("columnheader")[0]?.textContent).toBe("k");
  expect(document.activeElement).toBe(table);
  await user.keyboard("{Escape}");
  await waitFor(() => expect(document.activeElement).toBe(chart));
});

const armCells = async (arm: string) =>
  within(await screen.findByTestId(`arm-${arm}`))
    .getAllByRole("cell")
    .map(({ textContent }) => textContent);

test("λ of the address scales the strongest intruder: hollow marks, arms, the norm control's same change", async () => {
  open(found, "?lambda=0.5");
  expect((await armCells("trained")).slice(0, 2)).toEqual([formatShare(found.relative), String(found.intruders)]);
  const [scaled] = await armCells("scale");
  expect(scaled).not.toBe(formatShare(found.relative));
  expect((await armCells("shrink"))[0]).toBe(scaled);
  expect((await armCells("rescaled"))[0]).toBe(formatShare(found.relative));
  expect(screen.getByTestId("scaled-marks").childElementCount).toBe(1);
});

test("keys move λ by steps; a tick changes what it scales; both stand in the address", async () => {
  const { user, address } = open(found, "?rows=all");
  await armCells("scale");
  await user.keyboard("l{ArrowLeft}{ArrowLeft}");
  await waitFor(() => expect(address()).toContain("lambda=0.9"));
  const intruder = (found.bounds.left?.upper ?? []).findIndex((upper) => upper < 0.5) + 1;
  const other = intruder === 4 ? 5 : 4;
  await user.click(screen.getByRole("checkbox", { name: `Include vector ${other} in λ` }));
  await waitFor(() => expect(address()).toContain(`which=${[intruder, other].sort((a, b) => a - b).join(",")}`));
  expect(screen.getByTestId("scaled-marks").childElementCount).toBe(2);
});

test("a task figure that is missing is asked for this run, this λ and this arm", async () => {
  const asked: unknown[] = [];
  const question = {
    ...{ base: run.base.path, tuned: [{ label: run.label, path: run.path }], lambdas: [], arms: ["scale" as const] },
    tasks: [{ name: "facts", file: "/tasks/facts.jsonl", role: "retain" as const }],
    settings: { vocab: "model" as const, seed: 0, chatTemplate: false },
    ...{ which: "strongest" as const, k: 10, epsilon: 0.5, sequence: false },
  };
  const fake = fakeClient(
    {
      audit: {
        questions: () => [question],
        stored: (spec) => auditDocumentOf(spec as AuditSpec, { base: {}, measured: [] }),
      },
      jobs: {
        start: (question) => {
          asked.push(question);
          throw new Error("enough");
        },
      },
    },
    client,
  );
  const { user } = open(found, "?lambda=0.5&which=all", fake);
  await user.click(await screen.findByRole("button", { name: "Measure old tasks: ΔW, same step at λ 0.50" }));
  await waitFor(() => expect(asked).toHaveLength(1));
  expect(asked[0]).toMatchObject({ kind: "audit", spec: { lambdas: [0.5], arms: ["step"], which: "all" } });
});

test("the export says its rank, and what going back to the old one may lose", async () => {
  const { user } = open(found, "?lambda=0.5");
  await armCells("scale");
  await user.click(screen.getByRole("button", { name: "Export adapter" }));
  const rank = await screen.findByTestId("export-rank");
  expect(rank.textContent).toContain("rank 4 + 1, exact to float32");
  await user.click(screen.getByRole("checkbox", { name: "Bring it back to rank 4" }));
  expect(rank.textContent).toMatch(/at most [\d.]+ % of ΔW′ is lost/);
});

test("a name with markup and direction marks is plain text", async () => {
  const hostile = "<img src=x onerror=alert(1)>\u202Eexe";
  const fake = fakeClient(
    { runs: { all: async () => (await client.runs.all()).map((one) => ({ ...one, label: hostile })) } },
    client,
  );
  const { container } = open(found, "", fake);
  await sentence();
  expect(container.querySelector("img")).toBeNull();
  expect(container.textContent).not.toContain("\u202E");
});
