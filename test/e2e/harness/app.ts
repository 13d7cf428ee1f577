/** What stories do with the app, in words: open it, wait until it rests, find its parts. */
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, expect } from "vitest";
import { type BrowserOptions, openBrowser, type TestBrowser } from "./browser.ts";
import { type AppServer, type ServerOptions, startServer } from "./server.ts";
import { shoot } from "./shots.ts";

interface IdleHook {
  __deltascope?: { idle(options?: { jobs?: boolean }): Promise<void> };
}

/** Resolves when no query, job event or frame is pending; with `jobs` also when no job runs. */
export async function rest(page: Page, options: { jobs?: boolean } = {}): Promise<void> {
  await page.waitForFunction(() => (window as IdleHook).__deltascope !== undefined);
  await page.evaluate((asked) => (window as IdleHook).__deltascope?.idle(asked), options);
}

export interface Story {
  server: AppServer;
  browser: TestBrowser;
  /** The first tab, signed in. */
  page: Page;
}

/**
 * A server and a browser for one file of stories. After each story no console of any tab may hold an error; a story
 * that expects some takes them with `browser.takeErrors()`.
 */
export async function openStory(options: ServerOptions & BrowserOptions & { at?: string } = {}): Promise<Story> {
  // Hooks run last in, first out.
  const server = await startServer(options);
  afterAll(() => server.dispose());
  const browser = await openBrowser(options);
  afterAll(() => browser.close());
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await shootAll(browser, task.name);
    expect(browser.takeErrors()).toEqual([]);
  });
  const page = await browser.open(server.address);
  if (options.at) await page.goto(server.origin + options.at);
  return { server, browser, page };
}

/** What every tab showed when a story failed. */
async function shootAll(browser: TestBrowser, story: string): Promise<void> {
  for (const [index, page] of browser.context.pages().entries()) {
    await shoot(page, `failed-${story.replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 60)}-${index}`).catch(() => undefined);
  }
}

/** The text of a part, as soon as it is there. */
export async function textOf(part: Locator): Promise<string> {
  return (await part.textContent()) ?? "";
}

/** Path and search of where the page stands. */
export function placeOf(page: Page): URL {
  return new URL(page.url());
}
