/** Story 15: names and configurations that hold markup, direction marks and endless strings are plain text everywhere. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStory, rest } from "../harness/app.ts";
import { shownHostileName, writeHostile } from "../harness/checkpoints.ts";
import { addFolder } from "../harness/library.ts";

const { page, server } = await openStory();
await page.waitForURL("**/compare**");
await rest(page, { jobs: true });
writeHostile(join(server.root, "hostile"));

/** Longer tooltips than this would cover the screen. */
const longestTitle = 4000;

/** Nothing of a hostile name became an element, and no direction mark reached the page. */
async function expectPlain(): Promise<void> {
  const found = await page.evaluate((longest) => {
    const marks = /[\u202A-\u202E\u2066-\u2069\u200E\u200F]/;
    const own = (element: Element) =>
      [...element.attributes]
        .map(({ name, value }) => `${name}=${value}`)
        .concat(
          [...element.childNodes]
            .filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
            .map((node) => node.textContent ?? ""),
        );
    const all = [...document.querySelectorAll("*:not(style)")];
    return {
      elements: all
        .filter((element) => element.matches("img, script:not([src])"))
        .map(({ outerHTML }) => outerHTML.slice(0, 200)),
      marks: all.flatMap((element) =>
        own(element)
          .filter((text) => marks.test(text))
          .map((text) => `${element.tagName}: ${text.slice(0, 200)}`),
      ),
      endless: all.flatMap((element) =>
        own(element)
          .filter((text) => text.length > longest)
          .map(() => element.tagName),
      ),
      wide: document.documentElement.scrollWidth > window.innerWidth,
    };
  }, longestTitle);
  expect(found).toEqual({ elements: [], marks: [], endless: [], wide: false });
}

test("in the Library", async () => {
  await page.goto(`${server.origin}/library`);
  await addFolder(page, join(server.root, "hostile"));
  const row = page.getByRole("row").filter({ hasText: "onerror" });
  expect(await row.locator("td").first().textContent()).toContain(shownHostileName);
  await row.click();
  await page.getByTestId("item-panel").waitFor();
  await expectPlain();
});

test("in Compare, its tooltip and its table", async () => {
  await page.getByRole("button", { name: "Compare 1 run" }).click();
  await page.waitForURL("**/compare?runs=*");
  await rest(page, { jobs: true });
  await expectPlain();
  await page.goto(`${page.url()}&as=table`);
  await rest(page);
  await expectPlain();
});

test("in the Inspector, in Spectra, in the jobs drawer and in the palette", async () => {
  const run = new URL(page.url()).searchParams.get("runs");
  for (const path of [`/inspector/${run}/0/q_proj`, `/spectra?runs=${run}`, `/compare?runs=${run}&jobs=open`]) {
    await page.goto(server.origin + path);
    await rest(page);
    await expectPlain();
  }
  await page.keyboard.press("Control+k");
  await page.keyboard.type("onerror");
  await rest(page);
  await expectPlain();
});

test("in the report", async () => {
  const run = new URL(page.url()).searchParams.get("runs");
  await page.goto(`${server.origin}/compare?runs=${run}`);
  await rest(page);
  await page.getByRole("button", { name: "Export" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Report as HTML" }).click();
  const file = await (await download).path();
  const report = readFileSync(file, "utf8");
  expect(report).toContain("&lt;img src=x onerror=alert(1)&gt;");
  expect(report).not.toMatch(/<img src=x|<script>alert/);
  expect(report).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
});
