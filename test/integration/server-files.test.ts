/** What is served, and under which policy. */
import { expect, test } from "vitest";
import { servedApp } from "../builders/served-app.ts";

test("the page carries a policy that lets only its own parts in", async () => {
  const { ask, signIn, host } = await servedApp();
  const { headers } = await ask("/", { headers: { cookie: await signIn() } });
  const policy = new Map(
    String(headers["content-security-policy"])
      .split("; ")
      .map((rule) => [rule.split(" ")[0], rule.split(" ").slice(1).join(" ")]),
  );
  expect(Object.fromEntries(policy)).toEqual({
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": `'self' ws://${host} wss://${host}`,
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
  });
  expect(headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "content-type": "text/html; charset=utf-8",
  });
  expect(headers["access-control-allow-origin"]).toBeUndefined();
});

test.each(["/", "/library", "/compare?runs=a,b", "/inspector/0123456789ab/3/q_proj", "/spectra", "/settings/general"])(
  "%s is the app's page",
  async (path) => {
    const { ask, signIn } = await servedApp();
    const { status, body } = await ask(path, { headers: { cookie: await signIn() } });
    expect(status).toBe(200);
    expect(body).toContain("the app");
  },
);

test("files with a hash in their name may be kept for ever", async () => {
  const { ask, signIn } = await servedApp();
  const { status, headers } = await ask("/assets/main-3f9a.js", { headers: { cookie: await signIn() } });
  expect(status).toBe(200);
  expect(headers["cache-control"]).toBe("private, max-age=31536000, immutable");
  expect(headers["content-type"]).toBe("text/javascript; charset=utf-8");
});

test.each([
  "/../secret.js",
  "/assets/../../secret.js",
  "/assets/..%2f..%2fsecret.js",
  "/%2e%2e/secret.js",
  "/assets\\..\\..\\secret.js",
  "//secret.js",
  "/assets/",
  "/assets",
  "/.hidden.js",
  "/assets/notes.md",
  "/assets/missing.js",
  "/assets/main-3f9a.js%00.html",
  "/etc/passwd",
  "/libraryx",
  "http://127.0.0.1/secret.js",
  "secret.js",
  "*",
])("%j is no file of the app", async (path) => {
  const { ask, signIn } = await servedApp();
  const { status, body } = await ask(path, { headers: { cookie: await signIn() } });
  // Node itself refuses some of these as no requests at all.
  expect([400, 404]).toContain(status);
  expect(body).not.toContain("secret");
});
