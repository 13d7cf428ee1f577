/** Chromium, and pages that fail a story for every error in their console. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { findChromium, howToInstall } from "./chromium.mjs";

const flags = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Chromium starts in a second, on a busy machine in many. */
const startLimitMs = 120_000;
/** For each wait that names no limit of its own. */
const waitLimitMs = 90_000;

export interface BrowserOptions {
  width?: number;
  height?: number;
  theme?: "light" | "dark";
}

export interface TestBrowser {
  context: BrowserContext;
  /** A new tab. */
  open(address: string): Promise<Page>;
  /** Errors of consoles and scripts since the last call, from all tabs, and forgets them. */
  takeErrors(): string[];
  close(): Promise<void>;
}

export async function openBrowser({
  width = 1440,
  height = 900,
  theme = "light",
}: BrowserOptions = {}): Promise<TestBrowser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(howToInstall);
  const profile = mkdtempSync(join(tmpdir(), "deltascope-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    timeout: startLimitMs,
    headless: true,
    // Containers run as root, where Chromium has no sandbox.
    chromiumSandbox: process.getuid?.() !== 0,
    args: flags,
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: "reduce",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(waitLimitMs);
  let errors: string[] = [];
  const watch = (page: Page) => watchErrors(page, (error) => errors.push(error));
  context.on("page", watch);
  return {
    context,
    async open(address) {
      const page = await context.newPage();
      await page.goto(address);
      return page;
    },
    takeErrors() {
      const taken = errors;
      errors = [];
      return taken;
    },
    async close() {
      await context.close();
      // Its helpers end a moment later and may still write.
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** A violated content security policy is an error in the console too. */
function watchErrors(page: Page, report: (error: string) => void): void {
  page.on("pageerror", (error) => report(`script: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") report(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("crash", () => report("the page crashed"));
}
