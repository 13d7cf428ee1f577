/** Foreign pages in the user's own browser, signed in or not: what a real browser lets them do to the server. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import { openStory, rest } from "../harness/app.ts";
import { openBrowser } from "../harness/browser.ts";

const { page, server, browser } = await openStory();
await page.waitForURL("**/compare**");
await rest(page, { jobs: true });

let foreignPage = "";
const foreign = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/html" }).end(foreignPage);
}).listen(0);
await once(foreign, "listening");
const { port: foreignPort } = foreign.address() as AddressInfo;
afterAll(() => foreign.close());

/** The server's own machine name is the same site to a browser: it sends the cookie along. */
const neighbour = `http://127.0.0.1:${foreignPort}/`;
const stranger = `http://localhost:${foreignPort}/`;

test.each([neighbour, stranger])("a page of %s reaches neither socket nor files nor a frame", async (address) => {
  foreignPage = "<!doctype html><title>foreign</title>";
  const evil = await browser.open(address);
  const reached = await evil.evaluate(async (origin) => {
    const socket = new Promise((resolve) => {
      const tried = new WebSocket(`${origin.replace("http", "ws")}/engine`);
      tried.onopen = () => resolve(true);
      tried.onclose = () => resolve(false);
    });
    const read = fetch(`${origin}/`, { credentials: "include" }).then(
      () => true,
      () => false,
    );
    const script = new Promise((resolve) => {
      const element = document.createElement("script");
      element.src = `${origin}/theme.js`;
      element.onload = () => resolve(true);
      element.onerror = () => resolve(false);
      document.body.append(element);
    });
    return Promise.all([socket, read, script]);
  }, server.origin);
  expect(reached).toEqual([false, false, false]);
  await evil.evaluate((origin) => {
    const frame = document.createElement("iframe");
    frame.src = `${origin}/compare`;
    document.body.append(frame);
    return new Promise((resolve) => frame.addEventListener("load", resolve));
  }, server.origin);
  expect(await evil.frames()[1]?.locator("#root").count()).toBe(0);
  await evil.close();
  browser.takeErrors();
});

test("a link on another site opens the app for who is signed in", async () => {
  foreignPage = `<!doctype html><a href="${server.origin}/library?q=dora">DeltaScope</a>`;
  const tab = await browser.open(stranger);
  await tab.getByRole("link").click();
  await tab.getByRole("heading", { name: "Library" }).waitFor();
  await rest(tab);
  expect(new URL(tab.url()).search).toBe("?q=dora");
  await tab.close();
  browser.takeErrors();
});

test("a browser that is not signed in has a new address printed, and that opens the app", async () => {
  const other = await openBrowser();
  const tab = await other.open(`${server.origin}/compare`);
  await tab.getByRole("button", { name: "Print a new address in the terminal" }).click();
  await tab.getByText("A new address stands in the terminal").waitFor();
  await expect.poll(() => server.printed.length).toBe(2);
  await tab.goto(server.printed[1] ?? "");
  await tab.getByRole("heading", { name: "Compare" }).waitFor();
  await other.close();
});
