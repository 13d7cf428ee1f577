/** Story 1: the demo opens by itself, and its first finding leads to exactly the modules it speaks of. */
import { expect, test } from "vitest";
import { openStory, placeOf, rest } from "../harness/app.ts";
import { demoTruth } from "../harness/demo-truth.ts";

const truth = await demoTruth();
const { page } = await openStory();

test("a first start shows the demo in Compare", async () => {
  await page.waitForURL("**/compare**");
  await page.getByTestId("track-A").waitFor();
  await page.getByText("This is the demo.").waitFor();
  await rest(page, { jobs: true });
  expect(placeOf(page).search).not.toContain("token");
});

test("the first finding names every run with the demo's counts", async () => {
  const text = (await page.getByTestId("finding-intruders").textContent()) ?? "";
  for (const { letter, label } of truth.runs) {
    const count = truth.rowsOf(letter).reduce((sum, { intruders }) => sum + (intruders ?? 0), 0);
    const said = count === 0 ? "none" : `${count} intruder dimension`;
    expect(text).toMatch(new RegExp(`${label}\\s*:? ${said}`));
  }
});

test("its link lists exactly the modules with intruders", async () => {
  await page
    .getByTestId("finding-intruders")
    .getByRole("button", { name: /Show the \d+ modules/ })
    .click();
  await page.waitForURL("**as=table**");
  await rest(page);
  const table = page.getByRole("table", { name: "Modules of all runs" });
  const expected = truth.rows.filter(({ intruders }) => (intruders ?? 0) > 0).length;
  await expect.poll(() => table.getAttribute("aria-rowcount")).toBe(String(expected + 1));
  for (const row of await table.getByRole("row").all()) {
    const [, letter, name] = /^row-([A-H])-(.+)$/.exec((await row.getAttribute("data-testid")) ?? "") ?? [];
    if (letter && name) expect(truth.row(letter, name).intruders, `${letter} ${name}`).toBeGreaterThan(0);
  }
});
