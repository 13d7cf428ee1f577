/** What app:// serves. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { temporaryFolder } from "../test/builders/folders.ts";

const electron = vi.hoisted(() => ({
  handle: undefined as ((request: { url: string }) => Promise<Response>) | undefined,
}));

vi.mock("electron", () => ({
  protocol: {
    handle: (_scheme: string, handler: typeof electron.handle) => {
      electron.handle = handler;
    },
  },
}));

const { serveAppScheme } = await import("./app-scheme.ts");

beforeAll(() => {
  const outside = temporaryFolder("app");
  const app = join(outside, "renderer");
  mkdirSync(join(app, "assets"), { recursive: true });
  writeFileSync(join(app, "index.html"), '<div id="root"></div>');
  writeFileSync(join(app, "assets", "main-3f9a.js"), "export {};");
  writeFileSync(join(app, "assets", "notes.txt"), "not served");
  writeFileSync(join(outside, "package.json"), "not served");
  serveAppScheme(app);
});

const ask = async (url: string) => await (electron.handle?.({ url }) ?? Response.error());

test.each(["app://deltascope/", "app://deltascope/compare?runs=a", "app://deltascope/inspector/a/m/model.norm.weight"])(
  "%s is the page, under its policy",
  async (url) => {
    const response = await ask(url);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = response.headers.get("content-security-policy")?.split("; ");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(await response.text()).toContain('<div id="root">');
  },
);

test("assets have their type", async () => {
  const response = await ask("app://deltascope/assets/main-3f9a.js");
  expect(response.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(await response.text()).toBe("export {};");
});

test.each([
  "app://other/",
  "app://deltascope/assets/missing.js",
  "app://deltascope/assets/..%2f..%2fpackage.json",
  "app://deltascope/assets/notes.txt",
  "app://deltascope/package.json",
])("%s is nothing", async (url) => {
  expect((await ask(url)).status).toBe(404);
});
