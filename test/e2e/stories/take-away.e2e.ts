/** Take away: tables, pictures, whole analyses, and a report that opens alone, offline, with the same findings. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { openStory, rest } from "../harness/app.ts";
import { seriousViolations } from "../harness/axe.ts";
import { demoTruth } from "../harness/demo-truth.ts";
import { shoot, shotsFolder } from "../harness/shots.ts";

const truth = await demoTruth();
const { page, server, browser } = await openStory({ workspace: truth.workspace });
await page.goto(`${server.origin}/compare`);
await rest(page);

const folder = mkdtempSync(join(tmpdir(), "deltascope-taken-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function choose(name: string | RegExp): Promise<void> {
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await page.getByRole("menuitem", { name }).first().click();
  await page.getByRole("menu").waitFor({ state: "hidden" });
}

/** Saves through the Export menu; answers where the file lies, under the name that was proposed. */
async function take(name: string | RegExp): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), choose(name)]);
  const file = join(folder, download.suggestedFilename());
  await download.saveAs(file);
  return file;
}

test("all modules as CSV: one line per module with the stored numbers", async () => {
  const [head = "", ...lines] = readFileSync(await take("All modules as CSV"), "utf8")
    .trim()
    .split(/\r?\n/);
  expect(lines).toHaveLength(truth.rows.length);
  const columns = head.split(",");
  const shares = lines.map((line) => Number(line.split(",")[columns.indexOf("delta_relative")]));
  const stored = truth.rows.map(({ relative }) => relative);
  expect(shares.toSorted()).toEqual(stored.toSorted());
});

test("JSON and Parquet hold the analysis", async () => {
  const document = JSON.parse(readFileSync(await take("All modules as JSON"), "utf8"));
  expect(document.schema).toBe("deltascope.analysis/1");
  expect(document.runs.map((run: { label: string }) => run.label)).toEqual(truth.runs.map(({ label }) => label));
  const parquet = readFileSync(await take("All modules as Parquet"));
  expect(parquet.toString("latin1", 0, 4)).toBe("PAR1");
  expect(parquet.toString("latin1", parquet.length - 4)).toBe("PAR1");
});

test("a chart as picture and as file of vectors", async () => {
  const png = readFileSync(await take(/PNG$/));
  expect(png.toString("latin1", 1, 4)).toBe("PNG");
  // Width and height stand behind the head of the first chunk.
  expect(png.readUInt32BE(16)).toBeGreaterThan(300);
  const svg = readFileSync(await take(/SVG$/), "utf8");
  expect(svg).toMatch(/^(<\?xml[^>]*>\s*)?<svg /);
  expect(svg).not.toMatch(/<script|var\(--/);
});

test("the command for what is on screen", async () => {
  await choose("Copy as command");
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toMatch(/^deltascope analyze --base \S+/);
});

test("the report opens alone and offline, with the same findings", async () => {
  const sentence = ((await page.getByTestId("finding-intruders").textContent()) ?? "").replaceAll(/\s+/g, " ");
  const numbers = sentence.match(/\d+ intruder dimensions?/g) ?? [];
  expect(numbers.length).toBeGreaterThan(0);
  const file = await take(/Report/);
  await browser.context.setOffline(true);
  const alone = await browser.open(pathToFileURL(file).href);
  const text = ((await alone.locator("body").textContent()) ?? "").replaceAll(/\s+/g, " ");
  for (const number of numbers) expect(text).toContain(number);
  expect(await alone.locator("script").count()).toBe(0);
  expect(await seriousViolations(alone)).toEqual([]);
  await shoot(alone, "report");
  await alone.close();
  await browser.context.setOffline(false);
  await rest(page);
  browser.takeErrors();
});

const toast = () => page.getByTestId("undo-toast");

async function pin(name: string): Promise<void> {
  await choose(name);
  await toast()
    .getByText(/^Added .* to the report\.$/)
    .last()
    .waitFor();
  // All at one moment: an offer ends by itself too, and the next one takes its place.
  await toast()
    .getByRole("button", { name: "Dismiss" })
    .evaluateAll((buttons: HTMLElement[]) => {
      for (const button of buttons) button.click();
    });
}

test("what is pinned comes first in the report, with its note, as it was", async () => {
  await page.goto(`${server.origin}/compare`);
  await rest(page);
  const verdict = ((await page.getByTestId("finding-intruders").locator("p").textContent()) ?? "").replaceAll(
    /\s+/g,
    " ",
  );
  await pin("Findings and rows");
  await pin("Heatmap");
  const [run] = truth.runs;
  await page.goto(`${server.origin}/inspector/${run?.id}/3/down_proj`);
  await rest(page);
  for (const entry of ["Sentence and vectors", "Spectra", "Cumulative energy"]) await pin(entry);
  await page.goto(`${server.origin}/spectra`);
  await rest(page);
  for (const chart of ["E(k) of every run", "Effective rank by layer", "Tail"]) await pin(chart);

  await choose("Show the report");
  const drawer = page.getByRole("dialog", { name: "Report" });
  const cards = drawer.getByTestId("pins").getByRole("listitem");
  await expect.poll(() => cards.count()).toBe(8);
  for (const picture of await drawer.locator("img").all()) {
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  }
  await cards.nth(1).getByRole("button", { name: /up$/ }).click();
  await expect.poll(() => cards.nth(0).getByRole("heading").textContent()).toMatch(/Heatmap$/);
  await cards.nth(0).getByRole("textbox").fill("Layer 3 <b>first</b>.");
  await cards.nth(1).getByRole("textbox").focus();
  await rest(page);
  expect(await seriousViolations(page)).toEqual([]);
  await shoot(page, "report-drawer");

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    drawer.getByRole("button", { name: "Save the report as HTML" }).click(),
  ]);
  const file = join(folder, "pinned.html");
  await download.saveAs(file);
  const alone = await browser.open(pathToFileURL(file).href);
  const section = alone.locator("section.pins");
  const text = ((await section.textContent()) ?? "").replaceAll(/\s+/g, " ");
  expect(text).toContain("Layer 3 <b>first</b>.");
  expect(text.indexOf("Heatmap")).toBeLessThan(text.indexOf("Findings and rows"));
  for (const number of verdict.match(/\d+ intruder dimensions?/g) ?? []) expect(text).toContain(number);
  expect(await section.locator("article").count()).toBe(8);
  for (const picture of await section.locator("img").all()) {
    expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  }
  expect(await seriousViolations(alone)).toEqual([]);
  await alone.screenshot({ path: join(shotsFolder, "report-pinned.png"), fullPage: true });
  await alone.close();

  // The pins outlive a reload; a removed one is gone for good once its offer has ended.
  await page.reload();
  await rest(page);
  await expect.poll(() => cards.count()).toBe(8);
  await cards
    .nth(7)
    .getByRole("button", { name: /^Remove/ })
    .click();
  await expect.poll(() => cards.count()).toBe(7);
  await toast().getByRole("button", { name: "Dismiss" }).click();
  await rest(page);
  await page.reload();
  await rest(page);
  await expect.poll(() => cards.count()).toBe(7);
});
