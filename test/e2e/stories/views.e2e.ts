/** Story 16: every view in both themes and at the smallest size: axe finds nothing serious, nothing scrolls sideways. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { openStory, rest } from "../harness/app.ts";
import { seriousViolations } from "../harness/axe.ts";
import { shoot } from "../harness/shots.ts";

const { page, server } = await openStory();
await page.waitForURL("**/compare**");
await rest(page, { jobs: true });
await page.goto(`${server.origin}/library`);
await rest(page);

/** The first run with a letter, as its address names it. */
const run = await firstRun(page);

async function firstRun(on: Page): Promise<string> {
  await on.goto(`${server.origin}/compare`);
  await rest(on);
  await on.goto(`${server.origin}/inspector`);
  await on.waitForURL("**/inspector/*/**");
  return new URL(on.url()).pathname.split("/")[2] ?? "";
}

const views: readonly [name: string, path: string][] = [
  ["library", "/library"],
  ["compare", "/compare"],
  ["compare-table", "/compare?as=table"],
  ["inspector", `/inspector/${run}/1/down_proj`],
  ["spectra", "/spectra"],
  ["forgetting", "/forgetting"],
  ["training-form", "/training/new?recipe=practitioner-lora"],
  ["training-plan", "/training/sweep/new?recipe=quick-demo"],
  ["training-history", "/training/history"],
  ["training-missing", "/training/run/nothing"],
  ["theory", "/theory"],
  ["theory-figure", "/theory?show=11"],
  ["settings", "/settings/general"],
  ["jobs", "/compare?jobs=open"],
];

async function setTheme(theme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
}

/** Elements that end beyond the window, or panels that would scroll sideways. */
async function sideways(): Promise<string[]> {
  return page.evaluate(() => {
    const wide = [...document.querySelectorAll("body *")].filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && box.height > 0 && box.right > window.innerWidth + 1 && box.left < window.innerWidth;
    });
    const page = document.documentElement.scrollWidth > window.innerWidth ? ["the page"] : [];
    const outermost = wide.filter((element) => !wide.some((other) => other !== element && other.contains(element)));
    // Tables scroll inside their panel; the status bar's hints of keys are cut where they find no room.
    const scrolls = (element: Element): boolean => {
      for (let parent = element.parentElement; parent; parent = parent.parentElement) {
        if (parent.tagName === "FOOTER" || /auto|scroll/.test(getComputedStyle(parent).overflowX)) return true;
      }
      return false;
    };
    const lost = outermost.filter((element) => !element.closest("[class*=visually-hidden]") && !scrolls(element));
    return [...page, ...lost.map((element) => `${element.tagName}.${element.className}`)];
  });
}

describe.each(["light", "dark"] as const)("%s", (theme) => {
  test.each(views)("%s", async (name, path) => {
    await setTheme(theme);
    await page.goto(server.origin + path);
    await rest(page, { jobs: true });
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme);
    await shoot(page, `${name}-${theme}`);
    expect(await seriousViolations(page)).toEqual([]);
    expect(await page.locator("h1").count()).toBe(1);
  });
});

describe("at 1280 × 800 and at twice the size of text", () => {
  test.each(views)("%s", async (name, path) => {
    await setTheme("light");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(server.origin + path);
    await rest(page);
    await shoot(page, `${name}-1280`);
    expect(await sideways()).toEqual([]);
    // A zoom of 200 % halves the CSS pixels of the window.
    await page.setViewportSize({ width: 720, height: 450 });
    await rest(page);
    await shoot(page, `${name}-200-percent`);
    expect(await sideways()).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
  });
});
