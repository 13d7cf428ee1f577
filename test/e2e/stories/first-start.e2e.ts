/** Story 1: the demo opens by itself, and its first finding leads to exactly the modules it speaks of. */
import { expect, test } from "vitest";
import { openStory, placeOf, rest } from "../harness/app.ts";

const { page } = await openStory();

test("a first start shows the demo in Compare", async () => {
  await page.waitForURL("**/compare**");
  await page.getByRole("heading", { level: 1, name: "Compare" }).waitFor();
  await rest(page, { jobs: true });
  expect(placeOf(page).pathname).toBe("/compare");
  expect(placeOf(page).search).not.toContain("token");
});
