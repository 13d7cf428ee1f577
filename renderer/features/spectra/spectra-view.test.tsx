/** Spectra & rank over the demo's real results. */
import { screen, waitFor, within } from "@testing-library/react";
import { beforeAll, expect, test } from "vitest";
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { formatEffectiveRank } from "../../../src/contract/format.ts";
import { median } from "../../../src/contract/statistics.ts";
import { openDemoData, openEmptyWorkspace } from "../../../test/builders/demo-data.ts";
import { fakeClient } from "../../../test/builders/fake-client.ts";
import { renderView } from "../../testing/render-view.tsx";
import { spectraSearch } from "./search.ts";
import { SpectraView } from "./spectra-view.tsx";

const { client } = openDemoData();
const { client: empty } = openEmptyWorkspace();
let runs: AppRun[];
let rows: ModuleRow[];

beforeAll(async () => {
  runs = await client.runs.all();
  rows = await client.runs.rows({ runs: runs.map(({ id }) => id) });
});

/** Most tests are not about the heat map, which asks for thousands of curves. */
const plain = fakeClient(
  { theory: { rankMap: ({ n, rho }) => ({ n, rho, ranks: rho.map(() => n.map(() => 4)) }) } },
  client,
);

function open(search = "", at = plain) {
  return renderView({
    path: "/spectra",
    component: SpectraView,
    search: spectraSearch,
    client: at,
    at: `/spectra${search}`,
  });
}

test("one panel per run with a line per layer", async () => {
  open();
  for (const { letter } of runs) {
    const panel = within(await screen.findByTestId(`fan-${letter}`));
    expect(
      panel.getByRole("img", { name: new RegExp(`^Run ${letter}, down_proj: cumulative energy of 4 layers`) }),
    ).toBeDefined();
  }
});

test("definitions side by side are the medians of the stored ranks", async () => {
  open("?kind=q_proj");
  const line = await screen.findByTestId("row-ranks-A");
  const own = rows.filter(({ analysis, kind }) => analysis === runs[0]?.analysis && kind === "q_proj");
  const cells = within(line)
    .getAllByRole("cell")
    .map(({ textContent }) => textContent);
  expect(cells[0]).toBe(formatEffectiveRank(median(own.map(({ entropyRank }) => entropyRank))));
  expect(cells[2]).toBe(formatEffectiveRank(median(own.map(({ participation }) => participation))));
  expect(cells[3]).toBe(formatEffectiveRank(median(own.map(({ stableRank }) => stableRank))));
  expect(cells).toHaveLength(5);
});

test("the entropy on σ² lies between participation and entropy on σ", async () => {
  open();
  const line = await screen.findByTestId("row-ranks-A");
  const [entropy, squared, participation] = within(line)
    .getAllByRole("cell")
    .map(({ textContent }) => Number(textContent));
  expect(squared).toBeGreaterThan(participation ?? 0);
  expect(squared).toBeLessThan(entropy ?? 0);
});

test("runs, kind, layers and definition come from the address", async () => {
  const [first, , third] = runs;
  open(`?runs=${first?.id},${third?.id}&kind=up_proj&layers=1-2&rank=stable&x=share`);
  expect(await screen.findByTestId(`fan-${first?.letter}`)).toBeDefined();
  expect(screen.queryByTestId(`fan-${runs[1]?.letter}`)).toBeNull();
  expect(
    screen.getByRole("img", { name: new RegExp(`^Run ${third?.letter}, up_proj: cumulative energy of 2 layers`) }),
  ).toBeDefined();
  expect(screen.getByRole("img", { name: "Effective rank (stable rank) by layer for 2 runs." })).toBeDefined();
  expect(screen.getAllByText("share of directions")).toHaveLength(2);
});

test("the tail says its law, and that a full run's k90 is no target", async () => {
  const full = runs.find(({ kind }) => kind === "full");
  open(`?tail=${full?.id}&at=1`);
  const words = await screen.findByTestId("tail-words");
  expect(words.textContent).toMatch(/(Power law|Exponential|Neither law fits well) over j 1–/);
  expect(words.textContent).toContain("no target for a rank");
});

test("a spectrum of few values has no fit and says why", async () => {
  const small = runs.find(({ label }) => label === "lora-r4");
  open(`?tail=${small?.id}&at=0`);
  expect((await screen.findByTestId("tail-words")).textContent).toContain("No fit: 4 values stand above the floor");
});

test("Enter on a line opens its module in the Inspector", async () => {
  const { user, address } = open();
  const chart = await screen.findByRole("img", { name: /^Run A, down_proj/ });
  chart.focus();
  await user.keyboard("{ArrowRight}{Enter}");
  await waitFor(() => expect(address()).toContain(`/inspector/${runs[0]?.id}/m/`));
});

test("taking a run out puts the choice into the address", async () => {
  const { user, address } = open();
  await user.click(await screen.findByRole("button", { name: /^Runs shown: .*8 of 8/ }));
  await user.click(await screen.findByRole("menuitemcheckbox", { name: new RegExp(`${runs[0]?.label} `) }));
  await waitFor(() => expect(address()).toContain("runs="));
  expect(address()).not.toContain(String(runs[0]?.id));
});

test("the recommended rank is estimated, with reasons, what it assumes and what it cannot say", async () => {
  const full = runs.find(({ kind }) => kind === "full");
  open("?n=450", client);
  const answer = await screen.findByTestId("recommended-rank");
  const document = await client.theory.advise({ source: { run: full?.analysis ?? "" }, n: 450, rho: 1 });
  expect(answer.textContent).toContain(`≈ ${document.total.rank_rec}`);
  expect(answer.textContent).toContain(`useful range ${document.total.useful[0]}–${document.total.useful[1]}`);
  const panel = screen.getByTestId("panel-advice");
  expect(within(panel).getByText("≈ estimated")).toBeDefined();
  expect(within(panel).getByTestId("advice-headroom").textContent).toMatch(/fills .* directions/);
  expect(panel.textContent).toContain("Read the order of the methods and the crossovers, not the values.");
  expect(panel.textContent).toContain("is no target");
  expect(screen.getByTestId("confidence").textContent).toMatch(/Confidence: (low|medium|high)/);
  const limits = await screen.findByTestId("panel-validity");
  for (const sentence of document.validity.slice(2)) expect(limits.textContent).toContain(sentence);
});

test("another reference, another place of the heat map, and the way to the Theory lab", async () => {
  const adapter = runs.find(({ label }) => label === "lora-r16");
  const { user, address } = open(`?ref=${adapter?.id}&n=450`, client);
  expect((await screen.findByTestId("recommended-rank")).textContent).toMatch(/≈ (1|2|4|8|16) /);
  expect(screen.getByTestId("panel-advice").textContent).toContain("knows nothing beyond its rank");
  const map = await screen.findByRole("img", { name: /^Recommended rank over 10 numbers of samples and 8 noise/ });
  map.focus();
  await user.keyboard("{ArrowRight}{Enter}");
  await waitFor(() => expect(address()).toContain("rho=0.01"));
  const link = await screen.findByRole("link", { name: "Send to Theory lab" });
  expect(link.getAttribute("href")).toMatch(new RegExp(`^/theory\\?feed=${adapter?.id}&n=\\d+&noise=0\\.1$`));
});

test("no runs: one sentence and the way on", async () => {
  open("", empty);
  expect((await screen.findByTestId("empty-state")).textContent).toContain("No run is measured yet");
});

test("a failure is a card with a way to try again", async () => {
  let broken = true;
  const energyCurves: typeof client.runs.energyCurves = async (question) => {
    if (broken) throw new Error("The engine is away.");
    return client.runs.energyCurves(question);
  };
  const { user } = open("", fakeClient({ runs: { energyCurves } }, client));
  expect((await screen.findByTestId("error-card")).textContent).toContain("The engine is away.");
  broken = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByTestId("fan-A")).toBeDefined();
});
