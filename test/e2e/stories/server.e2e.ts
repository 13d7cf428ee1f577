/** The server as browsers meet it: tokens, tabs, reloads, and a server that ends and comes back. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStory, placeOf, rest } from "../harness/app.ts";
import { seriousViolations } from "../harness/axe.ts";
import { openBrowser } from "../harness/browser.ts";
import { makeSlowPair, slowModules } from "../harness/checkpoints.ts";
import { addFolder, cellsOf, rowOf } from "../harness/library.ts";
import { startServer } from "../harness/server.ts";
import { shoot } from "../harness/shots.ts";

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

test("messages that are no protocol, too large or out of order end their socket and nothing else", async () => {
  await page.goto(`${server.origin}/library`);
  await rest(page);
  const closed = await page.evaluate(
    async (address) => {
      const messages = ["{", "[]", '{"i":"1"}', "x".repeat(20 * 2 ** 20), new Uint8Array([1, 2, 3])];
      const outcomes = messages.map(
        (message) =>
          new Promise<boolean>((resolve) => {
            const socket = new WebSocket(address);
            socket.onopen = () => socket.send(message);
            socket.onclose = () => resolve(true);
          }),
      );
      return Promise.all(outcomes);
    },
    `${server.origin.replace("http", "ws")}/engine`,
  );
  expect(closed).toEqual([true, true, true, true, true]);
  await page.getByRole("button", { name: "Choose folder" }).click();
  await page.getByTestId("folder-entries").or(page.getByText("No folders and no checkpoints in here.")).waitFor();
  await page.keyboard.press("Escape");
  browser.takeErrors();
});

test("a second server on the same workspace says who holds it, shows a copy, and the first goes on", async () => {
  await page.goto(`${server.origin}/library`);
  await rest(page);
  const rows = await page.getByRole("row").count();
  const second = await startServer({ workspace: server.workspace });
  const tab = await browser.open(second.address);
  await tab.goto(`${second.origin}/library`);
  const card = tab.getByTestId("locked-workspace");
  await card.getByText(/in use by process \d+/).waitFor();
  expect(await seriousViolations(tab)).toEqual([]);
  await shoot(tab, "locked");
  await tab.getByRole("button", { name: "Open read-only" }).click();
  await tab.getByTestId("copy-strip").waitFor();
  await expect.poll(() => tab.getByRole("row").count()).toBe(rows);
  expect(await seriousViolations(tab)).toEqual([]);
  await shoot(tab, "read-only");
  await tab.getByRole("button", { name: "Try to open it" }).click();
  await tab
    .getByTestId("copy-strip")
    .getByText(/in use by process \d+/)
    .waitFor();
  await tab.close();
  await second.stop();
  browser.takeErrors();
  await page.reload();
  await rest(page);
});

test("a server that stops: the app says so, and goes on when it is back", async () => {
  await page.goto(`${server.origin}/library`);
  await rest(page);
  const rows = await page.getByRole("row").count();
  await server.kill();
  await page.getByText(/The engine stopped/).waitFor();
  // What was on screen stays readable.
  expect(await page.getByRole("row").count()).toBe(rows);
  // A page that tries to connect again would go on to tell of it.
  await page.goto("about:blank");
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

test("a server that is killed while it computes loses nothing finished: Resume goes on from there", async () => {
  makeSlowPair(join(server.root, "slow"));
  await addFolder(page, join(server.root, "slow"));
  await rowOf(page, "tuned").click();
  await page.getByRole("button", { name: "Compare 1 run" }).click();
  await page.waitForURL("**/compare?runs=*");
  await page.keyboard.press("Control+j");
  const card = page.locator("[data-testid^=job-]").filter({ hasText: "tuned against" });
  await card.getByText(new RegExp(`\\b([3-9]|[1-5]\\d) of ${slowModules}`)).waitFor();
  await server.kill();
  await page.getByTestId("engine-gone").waitFor();
  await server.restart();
  await page.goto(server.address);
  await rest(page);
  await page.goto(`${server.origin}/library?jobs=open`);
  await rest(page);
  // What was finished before is stored, and the job says that it did not end by itself.
  const kept = Number(
    new RegExp(`^(\\d+) of ${slowModules}$`).exec((await cellsOf(rowOf(page, "tuned"))).at(-1) ?? "")?.[1],
  );
  expect(kept).toBeGreaterThanOrEqual(3);
  expect(kept).toBeLessThan(slowModules);
  await card.getByRole("button", { name: /Resume/ }).click();
  await rest(page, { jobs: true });
  await rowOf(page, "tuned").getByText("analysed").waitFor();
  browser.takeErrors();
});
