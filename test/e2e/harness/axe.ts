/** axe-core on a page: nothing serious may be found. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface WithAxe {
  axe?: { run(context: Document, options: object): Promise<AxeResults> };
}

const serious = new Set(["serious", "critical"]);

/** One line per serious violation with the elements it is about. */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const results = await page.evaluate(() =>
    (window as WithAxe).axe?.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations),
  );
  return (results ?? [])
    .filter(({ impact }) => serious.has(impact ?? ""))
    .flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html}: ${failureSummary}`),
    );
}
