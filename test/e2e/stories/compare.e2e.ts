/** Stories 2 to 5: from the heatmap to one matrix, by mouse and by keyboard; brush, link, difference, theme. */
import { expect, test } from "vitest";
import { formatCosine, formatShare } from "../../../src/contract/format.ts";
import { openStory, placeOf, rest } from "../harness/app.ts";
import { demoTruth } from "../harness/demo-truth.ts";

const truth = await demoTruth();
const { page, server, browser } = await openStory({ workspace: truth.workspace });

async function openCompare(search = ""): Promise<void> {
  await page.goto(`${server.origin}/compare${search}`);
  await rest(page);
}

/** Further tracks start folded. */
const openTracks = truth.runs.slice(0, 4);

/** The module with intruders that changed most in a run whose cells are in sight. */
const darkest = openTracks
  .flatMap((run) => truth.rowsOf(run.letter))
  .filter(({ intruders, layer }) => layer !== null && (intruders ?? 0) > 0)
  .toSorted((one, other) => (other.relative ?? 0) - (one.relative ?? 0))[0];
if (!darkest) throw new Error("The demo has no intruder.");
const letter = truth.runs.find(({ analysis }) => analysis === darkest.analysis)?.letter ?? "";
const cellId = (run: string) => `cell-${run}-${darkest.layer}-${darkest.kind}`;

test("a click on the darkest cell with a ring selects its module in all runs", async () => {
  await openCompare();
  const cell = page.getByTestId(cellId(letter));
  expect(await cell.getAttribute("aria-label")).toContain(`${darkest.intruders} intruder`);
  await cell.click();
  await rest(page);
  expect(placeOf(page).searchParams.get("sel")).toBe(`${darkest.layer}.${darkest.kind}`);
  for (const track of await page.locator("[data-testid^=track-]").all()) {
    if ((await track.getByRole("grid").count()) === 0) continue;
    expect(await track.getByTestId("selection").count()).toBe(1);
  }
});

test("the dock shows the stored values of every run", async () => {
  const dock = page.getByTestId("dock");
  for (const run of truth.runs) {
    const row = truth.row(run.letter, darkest.name);
    const shown = (await dock.getByTestId(`row-intruders-${run.letter}`).locator("td").allTextContents()).join(" | ");
    expect(shown).toContain(formatShare(row.relative));
    expect(shown).toContain(formatCosine(Math.min(...(row.bounds.left?.upper ?? []))));
    expect(shown.startsWith(String(row.intruders))).toBe(true);
  }
});

test("Enter opens the Inspector of that module; sentence, table and marks agree in number", async () => {
  await page.getByTestId(cellId(letter)).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/inspector/*/${darkest.layer}/${darkest.kind}**`);
  await rest(page);
  const words = ["None", "One", "Two", "Three", "Four", "Five"];
  const count = darkest.intruders ?? 0;
  const sentence = (await page.getByTestId("inspector-sentence").textContent()) ?? "";
  expect(sentence).toMatch(new RegExp(`^(${count}|${words[count]}) of the top`));
  const rows = page.getByTestId("panel-vectors").locator("[data-testid^=row-vector-]");
  await page.getByRole("radio", { name: "Intruders" }).check({ force: true });
  await expect.poll(() => rows.count()).toBe(count);
  await page
    .getByTestId("panel-map")
    .getByRole("button", { name: /Compute map/ })
    .click();
  await page.getByTestId("panel-map").locator("canvas").waitFor();
  await rest(page);
});

test("by keyboard alone: palette, cell, arrows, data table, and back", async () => {
  await openCompare();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("l3 down");
  await rest(page);
  await page.keyboard.press("Enter");
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-testid") ?? "");
  await expect.poll(focused).toMatch(/^cell-[A-H]-3-down_proj$/);
  const start = await focused();
  await page.keyboard.press("ArrowLeft");
  await expect.poll(focused).toBe(start.replace("-3-", "-2-"));
  await page.keyboard.press("ArrowUp");
  await expect.poll(focused).toBe(start.replace("-3-down_proj", "-2-up_proj"));
  await page.keyboard.press("d");
  await page.getByRole("dialog").getByRole("table").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(focused).toBe(start.replace("-3-down_proj", "-2-up_proj"));
  expect(placeOf(page).searchParams.get("sel")).toBe("2.up_proj");
});

test("a brush over the last quarter of the layers changes totals, table and link; a second tab shows the same", async () => {
  await openCompare("?metric=intruders");
  const axis = (await page.getByTestId("layer-axis").boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at = (share: number) => [axis.x + axis.width * share, axis.y + axis.height / 2] as const;
  await page.mouse.move(...at(0.8));
  await page.mouse.down();
  await page.mouse.move(...at(0.9));
  await page.mouse.move(...at(0.97));
  await page.mouse.up();
  await rest(page);
  expect(placeOf(page).searchParams.get("layers")).toBe("3");
  for (const run of openTracks) {
    const own = truth.rowsOf(run.letter).filter(({ layer }) => layer === 3);
    const count = own.reduce((sum, { intruders }) => sum + (intruders ?? 0), 0);
    const head = await page.getByTestId(`track-${run.letter}`).textContent();
    expect(head).toMatch(new RegExp(`${count} intruders? in`));
  }
  await page.getByTestId(`cell-C-3-q_proj`).click();
  await rest(page);
  const second = await browser.open(page.url());
  await rest(second);
  expect(second.url()).toBe(page.url());
  expect(await second.getByTestId("brush").count()).toBe(1);
  expect(await second.getByRole("combobox", { name: "Metric" }).inputValue()).toMatch(/intruder/i);
  expect(await second.getByTestId("dock").textContent()).toContain("q_proj");
  await second.close();
  await page.keyboard.press("t");
  await rest(page);
  const names = await page.getByRole("table", { name: "Modules of all runs" }).getByRole("row").allTextContents();
  expect(names.length).toBeGreaterThan(1);
  for (const name of names.slice(1)) expect(name).not.toMatch(/layers\.[0-2]\./);
});

test("the difference of two runs has a scale around zero that names both, in both themes", async () => {
  const [a, c] = [truth.runs[0], truth.runs[2]];
  await openCompare(`?metric=difference&pair=${a?.id}..${c?.id}`);
  const legend = page.getByTestId("legend").getByRole("img");
  const name = (await legend.getAttribute("aria-label")) ?? "";
  for (const run of [a, c]) expect(name).toContain(run?.letter);
  const ticks = (await page.getByTestId("legend").locator("text").allTextContents()).map((tick) => tick.trim());
  // As far to one side as to the other, with "equal" between them.
  const [first = "", middle, last = ""] = ticks;
  expect(middle).toBe("equal");
  expect([first[0], last[0]]).toEqual([a?.letter, c?.letter]);
  expect(first.slice(1)).toBe(last.slice(1));
  const loads = await page.evaluate(() => performance.getEntriesByType("navigation").length);
  const cell = page.getByTestId("track-difference").locator("[data-testid^=cell-]").first();
  const before = await cell.getAttribute("aria-label");
  await page.getByRole("button", { name: /theme/i }).click();
  await rest(page);
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
  expect(await cell.getAttribute("aria-label")).toBe(before);
  expect(await page.evaluate(() => performance.getEntriesByType("navigation").length)).toBe(loads);
});
