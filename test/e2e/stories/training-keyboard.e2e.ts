/** The story of a fine-tune without a mouse: choose, edit, start, pause, resume, stop; a sweep, its chart, its export. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { noPython } from "../../builders/trainer-python.ts";
import { openStory, rest } from "../harness/app.ts";
import { trainingPython } from "../harness/training-python.ts";

const python = trainingPython();
if (python !== undefined) process.env.DELTASCOPE_PYTHON = python;
/** Two short runs; the machine may be busy. */
const patience = 600_000;
/** Steps of a run that goes on until it is stopped. */
const endless = 5000;
/** Stops between two ends of one page. */
const mostStops = 100;

interface Stop {
  name: string;
  /** A ring, at the element or at what stands for it. */
  ring: boolean;
}

async function focused(page: Page): Promise<Stop | undefined> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    if (!element || element === document.body) return undefined;
    const label = element.id ? document.querySelector(`label[for="${CSS.escape(element.id)}"]`) : null;
    const words = [element.getAttribute("aria-label"), label?.textContent, element.closest("label")?.textContent];
    const name = [...words, element.textContent].find((text) => text?.trim())?.trim() ?? "";
    const places = [element, element.closest("label"), element.parentElement, element.nextElementSibling];
    const ring = places.some((place) => {
      if (!place) return false;
      const { outlineStyle, outlineWidth } = getComputedStyle(place);
      return outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0;
    });
    return { name, ring };
  });
}

/** Goes on until the focus stands on a name; every stop on the way has a name and a ring. */
async function goTo(page: Page, name: RegExp, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  for (let stops = 0; stops < mostStops; stops += 1) {
    const stop = await focused(page);
    if (stop) expect(stop).toEqual({ name: expect.stringMatching(/./), ring: true });
    if (stop && name.test(stop.name)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`The focus never came to ${name}.`);
}

async function nameOfFocus(page: Page): Promise<string | undefined> {
  return (await focused(page))?.name;
}

describe.skipIf(python === undefined)(python === undefined ? noPython : "by keyboard alone", async () => {
  if (python === undefined) return;
  const { page, server } = await openStory();
  const press = (key: string) => page.keyboard.press(key);
  const state = (name: string) =>
    page.locator(`[data-testid=training-run][data-state=${name}]`).waitFor({ timeout: patience });

  test(
    "a run is made, paused, resumed and stopped; buttons that take each other's place keep the focus",
    async () => {
      const quiet = { save: { every: 5 }, eval: { every: null, tasks: [] } };
      const recipe = { preset: "quick-demo", epochs: null, max_steps: endless, ...quiet };
      await page.goto(`${server.origin}/training/new?recipe=${encodeURIComponent(JSON.stringify(recipe))}`);
      await page.getByTestId("tokens").waitFor({ timeout: patience });
      await rest(page);
      await goTo(page, /^Seed$/);
      await press("Control+A");
      await page.keyboard.type("7");
      await goTo(page, /^Next example$/);
      await press("Enter");
      await expect.poll(() => page.getByTestId("preview").textContent()).toContain("example 2 of");
      // At once: the address that follows the typing a moment later must not bring the form back.
      await press("Control+Enter");
      await page.waitForURL(/\/training\/run\//);
      await expect.poll(() => page.getByTestId("step").textContent(), { timeout: patience }).not.toBe("0");
      await goTo(page, /^Pause$/);
      await press("Enter");
      await state("paused");
      await expect.poll(() => nameOfFocus(page)).toBe("Resume");
      await press("Enter");
      await expect.poll(() => nameOfFocus(page), { timeout: patience }).toBe("Pause");
      await state("running");
      await goTo(page, /^Stop$/);
      await press("Enter");
      await page.getByRole("menuitem", { name: "Stop and keep a checkpoint" }).waitFor();
      await press("Escape");
      await expect.poll(() => nameOfFocus(page)).toBe("Stop");
      await press("Enter");
      await expect.poll(() => nameOfFocus(page)).not.toBe("Stop");
      await press("ArrowDown");
      await expect.poll(() => nameOfFocus(page)).toBe("Stop and keep a checkpoint");
      await press("Enter");
      await state("cancelled");
      await expect.poll(() => nameOfFocus(page)).toBe("Resume");
    },
    patience,
  );

  test(
    "a sweep is planned and started, its chart read as a table, its export opened",
    async () => {
      const recipe = { preset: "quick-demo", max_steps: 4, epochs: null, eval: { every: null } };
      await page.goto(`${server.origin}/training/sweep/new?recipe=${encodeURIComponent(JSON.stringify(recipe))}`);
      await rest(page);
      await goTo(page, /^Add to Method, rank$/);
      await page.keyboard.type("full, 1");
      await press("Enter");
      await goTo(page, /^Add to Seeds$/);
      await page.keyboard.type("1");
      await press("Enter");
      await expect.poll(() => page.getByTestId("grid").textContent()).toContain("2 runs");
      await goTo(page, /^Start sweep$/, "Shift+Tab");
      await press("Enter");
      await page.waitForURL(/\/training\/sweep\/(?!new)/, { timeout: patience });
      await page.locator("[data-testid=sweep][data-state=finished]").waitFor({ timeout: patience });
      await rest(page, { jobs: true });
      await goTo(page, /^Accuracy against/);
      await press("d");
      await expect.poll(() => nameOfFocus(page)).toMatch(/^Accuracy against.*, data/);
      await press("Escape");
      await expect.poll(() => nameOfFocus(page)).toMatch(/^Accuracy against.*intervals/);
      await goTo(page, /^Export$/, "Shift+Tab");
      await press("Enter");
      await page.getByRole("menuitem", { name: "Runs as CSV" }).waitFor();
      await press("Escape");
      await expect.poll(() => nameOfFocus(page)).toBe("Export");
    },
    patience,
  );
});
