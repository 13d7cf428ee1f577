/** Stories 12 and 13: a fine-tune from its recipe to Compare, and a sweep from its axes to the Theory lab. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { SweepDocument } from "../../../src/contract/domain/training.ts";
import { formatAccuracy } from "../../../src/contract/format.ts";
import { noPython } from "../../builders/trainer-python.ts";
import { openStory, placeOf, rest, textOf } from "../harness/app.ts";
import { seriousViolations } from "../harness/axe.ts";
import { shoot } from "../harness/shots.ts";
import { trainingPython } from "../harness/training-python.ts";

const python = trainingPython();
if (python !== undefined) process.env.DELTASCOPE_PYTHON = python;
/** A run of the demo takes a minute; the machine may be busy. */
const patience = 600_000;
const trainingFile = join(import.meta.dirname, "../../../demo/data/compare-train.jsonl");

interface LongTasks {
  longestTask?: number;
}

/** Remembers the longest stretch that the page's thread was busy. */
async function watchLongTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = window as LongTasks;
    seen.longestTask = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.longestTask = Math.max(seen.longestTask ?? 0, duration);
    }).observe({ type: "longtask" });
  });
}

async function longestTask(page: Page): Promise<number> {
  return page.evaluate(() => (window as LongTasks).longestTask ?? 0);
}

describe.skipIf(python === undefined)(python === undefined ? noPython : "fine-tunes of the demo", async () => {
  if (python === undefined) return;
  const { page, server } = await openStory();

  test(
    "the preview marks exactly the answer; a run starts, goes on over a reload, stops with a checkpoint, opens in Compare",
    async () => {
      // It goes on until it is stopped, and saves when it is asked to.
      const recipe = { preset: "quick-demo", epochs: null, max_steps: 5000, save: { every: null } };
      await page.goto(`${server.origin}/training/new?recipe=${encodeURIComponent(JSON.stringify(recipe))}`);
      await page.getByTestId("tokens").waitFor({ timeout: patience });
      await rest(page);
      const shown = await textOf(page.getByTestId("preview").getByText(/^line \d+/));
      const line = Number(/line (\d+)/.exec(shown)?.[1]);
      const row = JSON.parse(readFileSync(trainingFile, "utf8").split("\n")[line - 1] ?? "{}");
      const marked = await page.getByTestId("tokens").locator("b").allTextContents();
      const masked = await page.getByTestId("tokens").locator("span").allTextContents();
      expect(marked.slice(0, -1).join("").trim()).toBe(row.output);
      expect(marked.at(-1)).toMatch(/^<.*>$/);
      expect(masked.join("").replaceAll("↵", "")).toContain(row.input);
      expect(await seriousViolations(page)).toEqual([]);
      await shoot(page, "training-new");

      await page.keyboard.press("Control+Enter");
      await page.waitForURL(/\/training\/run\//);
      const run = placeOf(page).pathname;
      // The frame of the page stands before there is a step.
      await page.getByRole("heading", { name: "Gradient norm" }).waitFor();
      await watchLongTasks(page);
      const step = async () => Number(await textOf(page.getByTestId("step")));
      await expect.poll(step, { timeout: patience }).toBeGreaterThan(3);
      const before = await step();
      await expect.poll(step, { timeout: patience }).toBeGreaterThan(before);
      const asked = await step();
      await page.getByRole("button", { name: "Save now" }).click();
      const saved = () => checkpointSteps(page);
      await expect.poll(saved, { timeout: patience }).toHaveLength(1);
      expect((await saved())[0]).toBeGreaterThan(asked);
      const log = page.getByRole("log", { name: "Events of the run" });
      await log.getByText(`step ${(await saved())[0]} saved`).waitFor();
      await page.getByRole("img", { name: /^Effective rank of ΔW by step/ }).waitFor({ timeout: patience });
      console.log(`Longest task while lines came in: ${await longestTask(page)} ms.`);
      await page.reload();
      await page.getByTestId("training-run").waitFor();
      expect(placeOf(page).pathname).toBe(run);
      await expect.poll(step).toBeGreaterThan(before);
      await page.getByRole("img", { name: /^Effective rank of ΔW by step/ }).waitFor({ timeout: patience });
      await page.getByRole("img", { name: /^Loss by step/ }).waitFor();

      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByRole("menuitem", { name: "Stop and keep a checkpoint" }).click();
      await page.locator("[data-testid=training-run][data-state=cancelled]").waitFor({ timeout: patience });
      await rest(page, { jobs: true });
      const last = await step();
      await page.getByTestId(`checkpoint-${last}`).waitFor({ timeout: patience });
      expect(await seriousViolations(page)).toEqual([]);
      await shoot(page, "training-live");
      await page
        .getByTestId(`checkpoint-${last}`)
        .getByRole("button", { name: /^Open in Compare/ })
        .click();
      await page.waitForURL(/\/compare/, { timeout: patience });
      await rest(page, { jobs: true });
      expect(await page.getByTestId(/^track-/).count()).toBe(1);
    },
    patience,
  );

  test(
    "a sweep of full, r 1, 4 and 16 over two seeds fills its grid, draws what its document says, and feeds the Theory lab",
    async () => {
      const recipe = { preset: "quick-demo", max_steps: 10, epochs: null, eval: { every: null } };
      await page.goto(`${server.origin}/training/sweep/new?recipe=${encodeURIComponent(JSON.stringify(recipe))}`);
      await rest(page);
      for (const [axis, values] of [
        ["Method, rank", "full, 1, 4, 16"],
        ["Seeds", "1, 2"],
      ] as const) {
        await page.getByLabel(`Add to ${axis}`).fill(values);
        await page.keyboard.press("Enter");
      }
      await expect.poll(() => textOf(page.getByTestId("grid"))).toContain("8 runs");
      await page.getByRole("button", { name: "Start sweep" }).click();
      await page.waitForURL(/\/training\/sweep\/(?!new)/, { timeout: patience });
      await page.locator("[data-testid=sweep][data-state=finished]").waitFor({ timeout: patience });
      await rest(page, { jobs: true });
      const document = await exported();
      expect(document.cells).toHaveLength(8);
      for (const { sha, accuracy } of document.cells) {
        const cell = page.getByTestId(`cell-${sha.slice(0, 12)}`);
        expect(await textOf(cell)).toBe(formatAccuracy(accuracy).replace(" %", ""));
      }
      const series = document.outcome.find((entry) => entry.measure === "accuracy")?.series ?? [];
      const points = series.flatMap((entry) => entry.points);
      expect(points.length).toBeGreaterThanOrEqual(4);
      for (const { low, high, seeds } of points) {
        expect(seeds).toBe(2);
        expect(low).not.toBeNull();
        expect(high).not.toBeNull();
      }
      expect(await page.locator("[data-testid^=outcome-][data-open]").count()).toBe(0);
      expect(await seriousViolations(page)).toEqual([]);
      await shoot(page, "training-sweep");

      await page.getByRole("link", { name: "Send to Theory lab" }).click();
      await page.waitForURL(/\/theory/);
      await rest(page);
      expect(placeOf(page).searchParams.get("ranks")).toBe("1,4,16");
      await page.getByTestId("measured-order").waitFor();
      await shoot(page, "training-theory");
    },
    patience,
  );

  /** Steps of the listed checkpoints. */
  async function checkpointSteps(page: Page): Promise<number[]> {
    return (await page.locator("[data-testid^=checkpoint-] th").allTextContents()).map(Number);
  }

  /** The sweep's document as the page's export gives it. */
  async function exported(): Promise<SweepDocument> {
    await page.getByRole("button", { name: "Export", exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Sweep document as JSON" }).click(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  }
});
