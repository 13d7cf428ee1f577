/** The Compare view on the finished demo: its numbers are the engine's, its address carries everything. */
import { act, screen, waitFor, within } from "@testing-library/react";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { AnalysisDocument } from "../../../src/contract/domain/analysis.ts";
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { DeltaScopeError } from "../../../src/contract/errors.ts";
import { formatShare } from "../../../src/contract/format.ts";
import { openDemoData, openEmptyWorkspace } from "../../../test/builders/demo-data.ts";
import { fakeClient, refusal } from "../../../test/builders/fake-client.ts";
import { appRunOf, moduleRowOf } from "../../../test/builders/module-rows.ts";
import { renderView } from "../../testing/render-view.tsx";
import { CompareView } from "./compare-view.tsx";
import { decide } from "./model/test-settings.ts";
import { countedRows, totalsOf } from "./model/totals.ts";
import { compareSearch } from "./search.ts";

const demo = openDemoData();
const empty = openEmptyWorkspace();
let runs: AppRun[];
let rows: ModuleRow[];
let truth: AnalysisDocument;

beforeAll(async () => {
  runs = await demo.client.runs.all();
  rows = await demo.client.runs.rows({ runs: runs.map(({ id }) => id) });
  truth = await demo.client.runs.compare({ runs: runs.map(({ label }) => label) });
});

function open(at = "/compare", client = demo.client, host = {}) {
  return renderView({ path: "/compare", component: CompareView, search: compareSearch, client, at, host });
}

const runNamed = (label: string) => runs.find((run) => run.label === label) as AppRun;
const cell = (letter: string, place: string) => screen.findByTestId(`cell-${letter}-${place}`);
const settings = { k: 10, epsilon: 0.5, side: "left" } as const;

describe("deciding from bounds agrees with the engine", () => {
  test("at the stored settings in every module", () => {
    for (const row of rows) {
      const decision = decide(row, settings);
      expect([decision?.intruders, decision?.undecided], row.name).toEqual([row.intruders, row.undecided]);
      expect(decision?.energy).toBeCloseTo(row.intruderEnergy ?? Number.NaN, 12);
    }
  });

  test("over the stored grid of ε and k", async () => {
    const run = runNamed("lora-r4-hot");
    for (const row of rows.filter(({ analysis }) => analysis === run.analysis)) {
      const grid = (await demo.client.runs.module({ run: run.id, name: row.name })).sides.left?.grid;
      for (const [i, epsilon] of (grid?.epsilons ?? []).entries()) {
        const counts = grid?.ks.map((k) => decide(row, { k, epsilon, side: "left" })?.intruders);
        expect(counts, `${row.name} at ${epsilon}`).toEqual(grid?.counts[i]);
      }
    }
  });

  test("in the totals of every run", () => {
    for (const run of truth.runs) {
      const own = rows.filter(({ analysis }) => analysis === runNamed(run.label).analysis);
      const totals = totalsOf(countedRows(own, undefined), (row) => decide(row, settings));
      expect(totals.intruders).toBe(run.totals.intruders);
      expect(totals.withIntruders).toBe(run.totals.modulesWithIntruders);
      expect(totals.relative).toBeCloseTo(run.totals.relativeDelta ?? Number.NaN, 10);
      expect(totals.energy).toBeCloseTo(run.totals.intruderEnergy ?? Number.NaN, 10);
    }
  });
});

describe("heatmap", () => {
  test("a track per run, each with its totals; cells say value and intruders", async () => {
    open();
    const track = within(await screen.findByTestId("track-C"));
    const totals = truth.runs.find(({ label }) => label === "lora-r1")?.totals;
    expect(track.getByRole("heading", { name: "lora-r1" })).toBeDefined();
    expect(screen.getByTestId("track-C").textContent).toContain(
      `${totals?.intruders} intruders in ${totals?.modulesWithIntruders} modules`,
    );
    const row = rows.find(
      ({ analysis, layer, kind }) => analysis === runNamed("lora-r1").analysis && layer === 0 && kind === "up_proj",
    );
    expect((await cell("C", "0-up_proj")).getAttribute("aria-label")).toBe(
      `Run C, layer 0, up_proj, relative change ${formatShare(row?.relative)}, 2 intruders`,
    );
    // Eight runs: the fifth and later ones start folded.
    const folded = within(screen.getByTestId("track-E")).getByRole("button", { name: /lora-r4-hot/ });
    expect(folded.getAttribute("aria-expanded")).toBe("false");
    expect(screen.queryByTestId("cell-E-0-up_proj")).toBeNull();
  });

  test("a click selects the module in all runs; the dock shows what is stored", async () => {
    const { user, address } = open();
    await user.click(await cell("C", "3-down_proj"));
    await waitFor(() => expect(address()).toContain("sel=3.down_proj"));
    expect(address()).toContain(`at=${runNamed("lora-r1").id}`);
    expect(screen.getAllByTestId("selection")).toHaveLength(runs.length);
    const dock = within(await screen.findByTestId("dock"));
    expect(dock.getByRole("heading", { name: "Layer 3 · down_proj" })).toBeDefined();
    const row = rows.find(
      ({ analysis, layer, kind }) => analysis === runNamed("lora-r1").analysis && layer === 3 && kind === "down_proj",
    );
    const line = dock.getByTestId("row-intruders-C");
    expect(line.textContent).toContain(formatShare(row?.intruderEnergy));
    expect(line.textContent).toContain(formatShare(row?.relative));
    // 128 outputs: the golden mean for this width is 0.247.
    expect(screen.getByTestId("dock").textContent).toContain("random direction of this width would reach about 0.25");
    await user.click(dock.getByRole("button", { name: "Open in Inspector" }));
    await waitFor(() => expect(address()).toBe(`/inspector/${runNamed("lora-r1").id}/3/down_proj`));
  });

  test("keys move, jump, brush, switch and open", async () => {
    const { user, address } = open(`/compare?sel=1.k_proj&at=${runNamed("fft").id}`);
    const start = await cell("A", "1-k_proj");
    await waitFor(() => expect(document.activeElement).toBe(start));
    await user.keyboard("{ArrowRight}{ArrowUp}");
    await waitFor(() => expect(address()).toContain("sel=2.q_proj"));
    expect(document.activeElement).toBe(await cell("A", "2-q_proj"));
    await user.keyboard("{End}b");
    await waitFor(() => expect(address()).toContain("layers=3"));
    await user.keyboard("[[[[");
    await waitFor(() => expect(address()).toContain("layers=1-3"));
    await user.keyboard("{{");
    await waitFor(() => expect(address()).toContain("layers=2-3"));
    await user.keyboard("{PageDown}");
    await waitFor(() => expect(address()).toContain(`at=${runNamed("fft-hot").id}`));
    await user.keyboard("{Control>}{ArrowRight}{/Control}");
    // The first intruder after the two full runs, in reading order.
    await waitFor(() => expect(document.activeElement?.getAttribute("data-testid")).toBe("cell-C-0-q_proj"));
    await user.keyboard("m");
    await waitFor(() => expect(address()).toContain("metric=erank"));
    await user.keyboard("i");
    await waitFor(() => expect(address()).toContain("marks=off"));
    await user.keyboard(" ");
    await waitFor(() => expect(address()).toContain("pins=0.q_proj"));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(address()).toContain(`/inspector/${runNamed("lora-r1").id}/0/q_proj`));
  });

  test("D opens the data table, Escape gives the keyboard back to the cell", async () => {
    const { user } = open("/compare?sel=1.k_proj");
    const start = await cell("A", "1-k_proj");
    await waitFor(() => expect(document.activeElement).toBe(start));
    await user.keyboard("d");
    const dialog = await screen.findByRole("dialog", { name: "Relative change, data" });
    expect(within(dialog).getAllByRole("row")).toHaveLength(1 + 7 * runs.length + 2);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(start));
  });

  test("a brush changes totals and question of the findings", async () => {
    const findings = vi.fn(demo.client.runs.findings);
    open("/compare?layers=3&kinds=down_proj", fakeClient({ runs: { findings } }, demo.client));
    const track = await screen.findByTestId("track-C");
    await waitFor(() => expect(track.textContent).toContain("1 intruder in 1 module"));
    expect(findings.mock.calls[0]?.[0]).toMatchObject({
      layers: { from: 3, to: 3 },
      kinds: ["down_proj"],
      k: 10,
      epsilon: 0.5,
    });
    expect(screen.getByRole("button", { name: "Show all layers" })).toBeDefined();
    expect(screen.queryByTestId("cell-C-0-q_proj")).toBeNull();
  });

  test("a difference names both runs and is equal in the middle", async () => {
    const pair = `${runNamed("lora-r1").id}..${runNamed("fft").id}`;
    open(`/compare?metric=difference&pair=${pair}`);
    expect(
      await screen.findByRole("img", {
        name: "Colour scale: difference of run C and run A, relative change, equal in the middle",
      }),
    ).toBeDefined();
    const [c, a] = ["lora-r1", "fft"].map((label) =>
      rows.find(
        ({ analysis, layer, kind }) => analysis === runNamed(label).analysis && layer === 0 && kind === "q_proj",
      ),
    );
    const ratio = (c?.relative ?? 0) / (a?.relative ?? 1);
    expect((await cell("CA", "0-q_proj")).getAttribute("aria-label")).toBe(
      `Run C against A, layer 0, q_proj, relative change C × ${ratio.toPrecision(3)}`,
    );
  });

  test("settings of the test are decided in the page and carried by the address", async () => {
    const { user, address } = open();
    await user.click(await screen.findByRole("button", { name: /ε 0.50/ }));
    const run = runNamed("lora-r1");
    const own = rows.filter(({ analysis }) => analysis === run.analysis);
    const totals = totalsOf(countedRows(own, undefined), (row) => decide(row, { k: 5, epsilon: 0.7, side: "left" }));
    await user.click(
      await screen.findByRole("button", { name: new RegExp(`^ε 0.70, k 5: ?${totals.intruders} ?intruders`) }),
    );
    await waitFor(() => expect(address()).toContain("eps=0.7"));
    expect(address()).toContain("k=5");
    await waitFor(() => expect(screen.getByTestId("track-C").textContent).toContain(`${totals.intruders} intruders`));
  });
});

describe("findings", () => {
  test("the link of the intruder finding lists exactly its modules", async () => {
    const { user, address } = open();
    const finding = within(await screen.findByTestId("finding-intruders"));
    expect(finding.getByText("lora-r1")).toBeDefined();
    await user.click(finding.getByRole("button", { name: /^Show the/ }));
    await waitFor(() => expect(address()).toContain("as=table"));
    const marked = rows.filter(({ intruders }) => (intruders ?? 0) > 0);
    const listed = await waitFor(() => {
      const found = screen.getAllByTestId(/^row-[A-H]-/);
      expect(found).toHaveLength(marked.length);
      return found;
    });
    const expected = marked.map(
      ({ analysis, name }) => `row-${runs.find((run) => run.analysis === analysis)?.letter}-${name}`,
    );
    expect(listed.map((element) => element.dataset.testid).sort()).toEqual(expected.sort());
  });
});

describe("table", () => {
  test("filters as typed, sorts by heads, selects by keys, and opens", async () => {
    const { user, address } = open("/compare?as=table");
    await screen.findAllByTestId(/^row-/);
    await user.type(screen.getByLabelText("Filter of modules"), "run:C layer:3");
    await waitFor(() => expect(screen.getAllByTestId(/^row-/)).toHaveLength(7));
    await waitFor(() => expect(address()).toContain("q=run%3AC+layer%3A3"));
    await user.click(screen.getByRole("button", { name: /^Relative change/ }));
    await waitFor(() => expect(address()).toContain("sort=change"));
    const changes = rows
      .filter(({ analysis, layer }) => analysis === runNamed("lora-r1").analysis && layer === 3)
      .sort((a, b) => (a.relative ?? 0) - (b.relative ?? 0));
    const first = screen.getAllByTestId(/^row-/)[0];
    expect(first?.dataset.testid).toBe(`row-C-${changes[0]?.name}`);
    act(() => (document.activeElement as HTMLElement).blur());
    await user.keyboard("jj {Enter}");
    await waitFor(() => expect(address()).toContain(`/inspector/${runNamed("lora-r1").id}/3/${changes[1]?.kind}`));
  });

  test("copied rows are tabs with full precision", async () => {
    const { user } = open("/compare?as=table&q=run:C+kind:down_proj+layer:3");
    await waitFor(() => expect(screen.getAllByTestId(/^row-/)).toHaveLength(1));
    await user.click(screen.getByRole("button", { name: "Copy rows" }));
    const text = await navigator.clipboard.readText();
    const row = rows.find(
      ({ analysis, layer, kind }) => analysis === runNamed("lora-r1").analysis && layer === 3 && kind === "down_proj",
    );
    expect(text.split("\n")[1]).toContain(`\t${row?.relative}\t`);
    expect(text.split("\n")).toHaveLength(3);
  });

  test("new rows wait at the end until one sorts again", async () => {
    const run = runNamed("lora-r1");
    const own = rows.filter(({ analysis }) => analysis === run.analysis);
    const early = own.filter(({ layer }) => layer === 0);
    const client = fakeClient({ runs: { rows: () => early } }, demo.client);
    const { user, queries } = open(`/compare?as=table&runs=${run.id}&sort=-change`, client);
    await waitFor(() => expect(screen.getAllByTestId(/^row-/)).toHaveLength(early.length));
    const before = screen.getAllByTestId(/^row-/).map((element) => element.dataset.testid);
    const most = [...own].sort((a, b) => (b.relative ?? 0) - (a.relative ?? 0))[0];
    act(() => void queries.setQueryData(["rows", run.id], [...early, most]));
    await screen.findByRole("button", { name: "1 new, sort again" });
    expect(screen.getAllByTestId(/^row-/).map((element) => element.dataset.testid)).toEqual([
      ...before,
      `row-C-${most?.name}`,
    ]);
    await user.click(screen.getByRole("button", { name: "1 new, sort again" }));
    expect(screen.getAllByTestId(/^row-/)[0]?.dataset.testid).toBe(`row-C-${most?.name}`);
  });
});

describe("states", () => {
  test("the frame stands while rows are on the way", async () => {
    open("/compare", fakeClient({ runs: { rows: () => new Promise(() => undefined) } }, demo.client));
    expect(await screen.findByTestId("loading")).toBeDefined();
    expect(screen.getByRole("heading", { level: 1, name: "Compare" })).toBeDefined();
  });

  test("an empty workspace says what a comparison needs", async () => {
    open("/compare", empty.client);
    expect(await screen.findByText("Nothing to compare yet")).toBeDefined();
    expect(screen.getByRole("link", { name: "Open the library" })).toBeDefined();
  });

  test("a failure names itself and can be tried again", async () => {
    const failing = vi.fn<() => Promise<ModuleRow[]>>(() =>
      Promise.reject(refusal(new DeltaScopeError("store.failed", "The database is damaged."))),
    );
    const { user } = open("/compare", fakeClient({ runs: { rows: failing } }, demo.client));
    const card = within(await screen.findByTestId("error-card"));
    expect(card.getByText("store.failed")).toBeDefined();
    failing.mockImplementation(async () => rows);
    await user.click(card.getByRole("button", { name: "Read it again" }));
    expect(await screen.findByTestId("track-A")).toBeDefined();
  });

  test("waiting, failed and untuned modules say so; the rest stays", async () => {
    const a = appRunOf("A", { total: 8, modules: 3, state: "running" });
    const b = appRunOf("B", { kind: "full", total: 2, modules: 2 });
    const some = [
      moduleRowOf(a, 0, "q_proj"),
      moduleRowOf(a, 1, "q_proj", {
        status: "failed",
        error: "NaN in <b>model</b>",
        relative: null,
        bounds: { left: null, right: null },
      }),
      moduleRowOf(a, 0, "v_proj"),
      moduleRowOf(b, 0, "q_proj"),
    ];
    const client = fakeClient({
      runs: { all: () => [a, b], rows: () => some, findings: () => [] },
      jobs: { list: () => [] },
    });
    const { user, address } = open("/compare", client);
    const name = async (letter: string, place: string) => (await cell(letter, place)).getAttribute("aria-label");
    expect(await name("A", "1-q_proj")).toBe("Run A, layer 1, q_proj, relative change failed");
    expect(await name("A", "3-q_proj")).toBe("Run A, layer 3, q_proj, relative change waiting");
    expect(await name("B", "0-v_proj")).toBe("Run B, layer 0, v_proj, relative change not tuned");
    expect(screen.getByText("3 of 8 computed")).toBeDefined();
    const card = within(screen.getByTestId("failed-modules"));
    expect(card.getByText(/NaN in <b>model<\/b>/)).toBeDefined();
    await user.click(card.getByRole("button", { name: "Show the 1" }));
    await waitFor(() => expect(address()).toContain("q=status%3Afailed"));
    expect(await screen.findByTestId("row-A-model.layers.1.q_proj")).toBeDefined();
  });
});

describe("take away", () => {
  test("rows in sight, the whole comparison, the command", async () => {
    const save = vi.fn<(name: string, content: Blob) => Promise<void>>(async () => undefined);
    const savedText = async (call: number) => (await save.mock.calls[call]?.[1].text()) ?? "";
    const { user } = open("/compare?layers=3&kinds=down_proj", demo.client, { save });
    await screen.findByTestId("track-A");
    const choose = async (name: string) => {
      await user.click(screen.getByRole("button", { name: "Export" }));
      await user.click(await screen.findByRole("menuitem", { name: new RegExp(`^${name}`) }));
    };
    await choose("Rows in sight as CSV");
    const csv = await savedText(0);
    expect(csv.trim().split("\n")).toHaveLength(1 + runs.length);
    await choose("All modules as JSON");
    await waitFor(() => expect(save).toHaveBeenCalledTimes(2));
    const document = JSON.parse(await savedText(1));
    expect(document.runs).toHaveLength(runs.length);
    await choose("Copy as command");
    const command = await navigator.clipboard.readText();
    expect(command).toMatch(
      /^deltascope analyze --base \S+ --tuned fft=\S+ .* --k 10 --epsilon 0.5 --side left --layers 3-3 --modules /,
    );
  });
});

test("T takes the keyboard along: to the row of the selected cell, and back to the cell", async () => {
  const { user, address } = open("/compare?sel=3.down_proj");
  const focused = () => document.activeElement;
  await waitFor(() => expect(focused()?.getAttribute("data-testid")).toMatch(/^cell-A-3-down_proj$/));
  await user.keyboard("t");
  await waitFor(() => expect(focused()?.getAttribute("aria-label")).toBe("Modules"));
  expect(address()).toContain("as=table");
  await user.keyboard("t");
  await waitFor(() => expect(focused()?.getAttribute("data-testid")).toBe("cell-A-3-down_proj"));
});
