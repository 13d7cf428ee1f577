/** Story 14: drag n across d: full fine-tuning peaks, crossovers move, the advice changes, and the link restores it. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { openStory, placeOf, rest } from "../harness/app.ts";
import { seriousViolations } from "../harness/axe.ts";
import { demoTruth } from "../harness/demo-truth.ts";
import { shoot } from "../harness/shots.ts";

const truth = await demoTruth();
const { page, server, browser } = await openStory({ workspace: truth.workspace });

/** Every simulated mean has arrived. */
async function simulated(on: Page): Promise<void> {
  await on.waitForFunction(() => {
    const { done, total, running } = document.querySelector<HTMLElement>("[data-testid=simulation]")?.dataset ?? {};
    return running === "false" && Number(total) > 0 && done === total;
  });
}

async function open(path: string): Promise<void> {
  await page.goto(server.origin + path);
  await rest(page);
}

const advice = () => page.getByTestId("advice").textContent();
const crossings = () =>
  page
    .locator("[data-testid=panel-samples] [data-crossing]")
    .evaluateAll((marks) => marks.map((mark) => mark.getAttribute("data-crossing")));

test("the navigation leads there with its digit; curves, then simulated means", async () => {
  await open("/library");
  await page.keyboard.press("7");
  await page.waitForURL("**/theory**");
  await rest(page);
  await simulated(page);
  await shoot(page, "theory");
  expect(await advice()).toContain("r 10 has the lowest risk");
  expect(await page.locator("[data-testid=panel-samples] [data-mean=fft]").count()).toBeGreaterThan(6);
});

test("keys take n across d: the advice and the crossovers of the noise follow, the address says it", async () => {
  await open("/theory?n=300&noise=1&seeds=0");
  const before = await advice();
  const ringsBefore = await page
    .locator("[data-testid=panel-noise] [data-crossing]")
    .evaluateAll((marks) => marks.map((mark) => mark.getAttribute("data-crossing")));
  const thumb = page.getByRole("slider", { name: "Examples n" });
  await thumb.focus();
  for (let step = 0; step < 60; step += 1) await page.keyboard.press("ArrowLeft");
  await rest(page);
  await page.waitForFunction(() => Number(new URL(location.href).searchParams.get("n")) < 100);
  await rest(page);
  const n = Number(placeOf(page).searchParams.get("n"));
  expect(n).toBeLessThan(98);
  const after = await advice();
  expect(after).toContain(`At n ${n}`);
  expect(after).not.toBe(before);
  const ringsAfter = await page
    .locator("[data-testid=panel-noise] [data-crossing]")
    .evaluateAll((marks) => marks.map((mark) => mark.getAttribute("data-crossing")));
  expect(ringsAfter).not.toEqual(ringsBefore);
  const second = await browser.open(page.url());
  await rest(second);
  expect(await second.getByTestId("advice").textContent()).toBe(after);
  await second.close();
});

test("full fine-tuning peaks at n = d and n = d itself says why it has no answer", async () => {
  await open("/theory?seeds=0");
  const chart = page.getByRole("img", { name: /^Excess risk of full fine-tuning and LoRA against/ });
  await chart.focus();
  await page.keyboard.press("d");
  const rows = await page
    .locator("[data-testid=panel-samples] tbody tr")
    .evaluateAll((lines) =>
      lines.map((line) => [...line.children].slice(0, 2).map((cell) => Number(cell.textContent?.replace(/\s/g, "")))),
    );
  const [peak] = rows
    .filter(([, risk]) => Number.isFinite(risk) && risk !== 0)
    .toSorted((one, other) => (other[1] ?? 0) - (one[1] ?? 0));
  expect(Math.abs((peak?.[0] ?? 0) - 100)).toBeLessThanOrEqual(4);
  await page.keyboard.press("Escape");
  await open("/theory?n=100&seeds=0");
  expect(await page.getByTestId("setting-n").textContent()).toContain("infinite");
  expect(await page.getByTestId("advice").count()).toBe(0);
});

test("crossover rings move with the noise", async () => {
  await open("/theory?noise=0.5&seeds=0");
  const before = await crossings();
  await open("/theory?noise=1&seeds=0");
  expect(before.length).toBeGreaterThan(0);
  expect(await crossings()).not.toEqual(before);
});

test("a measured spectrum is fed by its switch and said in the cautions", async () => {
  await open("/theory?seeds=0");
  await page.getByRole("switch", { name: "Feed the measured spectrum" }).click({ force: true });
  await page.waitForURL("**feed=**");
  await rest(page);
  expect(await page.getByTestId("cautions").textContent()).toContain("stands in for the unknown best update");
  await shoot(page, "theory-fed");
});

test("Figure 1 a in one click: bands and marks stream in, the crossovers are the paper's", async () => {
  await open("/theory");
  await page.getByRole("radio", { name: "Paper’s figures" }).check();
  await page.locator("[data-testid=figure-progress][data-done='100']").waitFor({ timeout: 120_000 });
  const value = async (rank: string) => {
    const row = page
      .getByTestId("figure-crossovers")
      .locator("tr", { has: page.getByRole("rowheader", { name: rank }) });
    return Number((await row.locator("td").textContent())?.split(" ± ")[0]);
  };
  expect(Math.abs((await value("r 1")) - 0.316)).toBeLessThan(0.012);
  expect(Math.abs((await value("r 2")) - 0.215)).toBeLessThan(0.012);
  expect(await page.getByTestId("chosen").textContent()).toContain("parameter chosen by us");
  await shoot(page, "theory-figure");
});

describe.each(["light", "dark"] as const)("%s", (theme) => {
  test.each(["/theory", "/theory?show=12", "/theory?show=notes"])("axe finds nothing serious in %s", async (path) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await open(path);
    await shoot(page, `theory-${path.split("=")[1] ?? "curves"}-${theme}`);
    expect(await seriousViolations(page)).toEqual([]);
    expect(await page.locator("h1").count()).toBe(1);
  });
});
