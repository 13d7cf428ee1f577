/** The server as browsers meet it: tokens, tabs, reloads, and a server that ends and comes back. */
import { expect, test } from "vitest";
import { openStory, placeOf, rest } from "../harness/app.ts";
import { openBrowser } from "../harness/browser.ts";

const { page, server, browser } = await openStory();
await page.waitForURL("**/compare**");
await rest(page, { jobs: true });

test("the token is used up and never stays in the address", async () => {
  expect(page.url()).not.toMatch(/token/);
  const stranger = await openBrowser();
  const second = await stranger.open(server.address);
  await second
    .getByText(/address/i)
    .first()
    .waitFor();
  expect(await second.getByRole("heading", { name: "Compare" }).count()).toBe(0);
  await stranger.close();
});

test("a wrong token and a missing one get a page that says what to do", async () => {
  const stranger = await openBrowser();
  for (const address of [server.address.replace(/.$/, "x"), `${server.origin}/`, `${server.origin}/compare`]) {
    const other = await stranger.open(address);
    await other
      .getByText(/terminal/i)
      .first()
      .waitFor();
    expect(await other.locator("#root").count()).toBe(0);
  }
  await stranger.close();
});

test("a second tab shows the same address with the same state", async () => {
  await page.goto(`${server.origin}/library?q=dora`);
  await rest(page);
  const second = await browser.open(page.url());
  await rest(second);
  expect(await second.getByRole("searchbox").inputValue()).toBe("dora");
  await second.close();
});

test("a reload keeps view, filter and cursor", async () => {
  await page.goto(`${server.origin}/library`);
  await rest(page);
  await page.getByRole("row").filter({ hasText: "dora-r4" }).click();
  const address = page.url();
  await page.reload();
  await rest(page);
  expect(page.url()).toBe(address);
  await page
    .getByTestId("item-panel")
    .getByRole("heading", { name: /dora-r4/ })
    .waitFor();
});

test("a server that stops: the app says so, and goes on when it is back", async () => {
  await page.goto(`${server.origin}/library`);
  await rest(page);
  const rows = await page.getByRole("row").count();
  await server.kill();
  await page.getByText(/The engine stopped/).waitFor();
  // What was on screen stays readable.
  expect(await page.getByRole("row").count()).toBe(rows);
  browser.takeErrors();
});

test("after a restart the new address opens the app with everything that was finished", async () => {
  await server.restart();
  await page.goto(server.address);
  await rest(page);
  await page.goto(`${server.origin}/library`);
  await rest(page, { jobs: true });
  expect(await page.getByText("analysed", { exact: true }).count()).toBe(8);
  expect(placeOf(page).pathname).toBe("/library");
  browser.takeErrors();
});
