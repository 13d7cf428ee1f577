/** Who gets in: tokens, cookies, and requests that foreign pages make a browser send. */
import { once } from "node:events";
import { expect, test } from "vitest";
import { endOf, servedApp } from "../builders/served-app.ts";

test("an address opens the app once, leads to a clean one, and the cookie does the rest", async () => {
  const { server, ask } = await servedApp();
  const { search } = new URL(server.newAddress());
  const first = await ask(`/${search}`);
  expect(first.status).toBe(303);
  expect(first.headers.location).toBe("/");
  const [cookie = ""] = first.headers["set-cookie"] ?? [];
  expect(cookie).toMatch(/^deltascope-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  const page = await ask("/", { headers: { cookie: cookie.split(";")[0] } });
  expect(page.status).toBe(200);
  expect(page.body).toContain("the app");
  const second = await ask(`/${search}`);
  expect(second.status).toBe(401);
  expect(second.headers["set-cookie"]).toBeUndefined();
  expect(second.body).toContain("not signed in");
});

test("the token is no part of the cookie, and two servers share neither", async () => {
  const one = await servedApp();
  const other = await servedApp();
  const { search } = new URL(one.server.newAddress());
  expect((await other.ask(`/${search}`)).status).toBe(401);
  const cookie = await one.signIn();
  expect((await one.ask("/", { headers: { cookie } })).status).toBe(200);
  const [name, value] = cookie.split("=");
  expect((await other.ask("/", { headers: { cookie: `deltascope-${other.server.port}=${value}` } })).status).toBe(401);
  expect(name).toBe(`deltascope-${one.server.port}`);
});

test("looking at an address without opening it does not use it up", async () => {
  const { server, ask } = await servedApp();
  const { search } = new URL(server.newAddress());
  expect((await ask(`/${search}`, { method: "HEAD" })).status).toBe(401);
  expect((await ask(`/${search}`)).status).toBe(303);
});

test("only the newest eight unopened addresses work", async () => {
  const { server, ask } = await servedApp();
  const searches = Array.from({ length: 9 }, () => new URL(server.newAddress()).search);
  expect((await ask(`/${searches[0]}`)).status).toBe(401);
  expect((await ask(`/${searches[1]}`)).status).toBe(303);
});

test.each([
  ["no cookie", ""],
  ["a wrong secret", "deltascope-PORT=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
  ["an empty secret", "deltascope-PORT="],
  ["a header without end", `deltascope-PORT=${"x".repeat(9000)}`],
])("%s: neither page, file nor socket", async (_name, template) => {
  const { ask, socket, server } = await servedApp();
  const cookie = template.replace("PORT", String(server.port));
  for (const path of ["/", "/compare?runs=a", "/assets/main-3f9a.js"]) {
    expect((await ask(path, { headers: { cookie } })).status).toBe(401);
  }
  expect(await endOf(socket(cookie))).toEqual({ status: 401 });
});

test.each([
  "evil.example",
  "127.0.0.1.evil.example",
  "localhost.evil.example:80",
  "127.0.0.1@evil.example",
  "[127.0.0.1]",
  "[::2]",
])("the foreign name %j is refused, cookie or not", async (host) => {
  const { ask, socket, signIn } = await servedApp();
  const cookie = await signIn();
  const answered = await ask("/", { headers: { host, cookie } });
  expect(answered.status).toBe(403);
  expect(answered.body).not.toContain("the app");
  expect(await endOf(socket(cookie, { host, origin: `http://${host}` }))).toEqual({ status: 403 });
});

test.each(["localhost:9000", "127.0.0.1", "[::1]:80", "LocalHost:1"])("%s may be a tunnel's end", async (host) => {
  const { server, ask } = await servedApp();
  const { search } = new URL(server.newAddress());
  expect((await ask(`/${search}`, { headers: { host } })).status).toBe(303);
});

test("an allowed name is a name like the others", async () => {
  const { ask } = await servedApp({}, { allowedHosts: ["gpu-box.lan"] });
  expect((await ask("/", { headers: { host: "gpu-box.lan:8000" } })).status).toBe(401);
  expect((await ask("/", { headers: { host: "gpu-box.lan.evil" } })).status).toBe(403);
});

test.each([
  ["another site", "http://evil.example"],
  ["another port of this machine", "http://127.0.0.1:1"],
  ["no page", undefined],
  ["a page without origin", "null"],
  ["a name that begins like ours", "http://HOST.evil.example"],
])("a socket of %s is refused although the browser adds the cookie", async (_name, origin) => {
  const { socket, signIn, host } = await servedApp();
  const cookie = await signIn();
  const named = socket(cookie, origin === undefined ? { origin: "" } : { origin: origin.replace("HOST", host) });
  expect(await endOf(named)).toEqual({ status: 403 });
});

test("our own page's socket is accepted, at the one path", async () => {
  const { socket, signIn } = await servedApp();
  const opened = socket(await signIn());
  await once(opened, "open");
  opened.close();
});

test("nothing but GET and HEAD is answered, and of foreign pages not even told so", async () => {
  const { ask, signIn, host } = await servedApp();
  const cookie = await signIn();
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    expect((await ask("/", { method, headers: { cookie, origin: "http://evil.example" } })).status).toBe(403);
    const own = await ask("/", { method, headers: { cookie, origin: `http://${host}` } });
    expect(own.status).toBe(405);
    expect(Object.keys(own.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  }
});

test("a stranger can have a new address printed, but learns nothing of it", async () => {
  const { ask, printed, host } = await servedApp();
  const asked = () => ask("/new-address", { method: "POST", headers: { origin: `http://${host}` } });
  const { status, body } = await asked();
  expect(status).toBe(200);
  expect(printed).toHaveLength(1);
  const { search } = new URL(printed[0] ?? "");
  expect(body).not.toContain(search.slice(7));
  await asked();
  expect(printed).toHaveLength(1);
  expect((await ask(`/${search}`)).status).toBe(303);
  expect((await ask("/new-address", { method: "POST", headers: { origin: "http://evil.example" } })).status).toBe(403);
});

test("a link on another site asks again in our name, since a strict cookie stays away from it", async () => {
  const { ask, signIn } = await servedApp();
  await signIn();
  const { status, body } = await ask("/compare", { headers: { "sec-fetch-site": "cross-site" } });
  expect({ status, again: body.includes('http-equiv="refresh"') }).toEqual({ status: 200, again: true });
});
