/** app://deltascope: the built app under a scheme of its own, which no other page can have. */
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { protocol } from "electron";
import { appFilePath, appFileTypes } from "../src/contract/app-files.ts";

export const appOrigin = "app://deltascope";

/** Where the build puts the page, beside main's own files. */
const builtApp = join(import.meta.dirname, "..", "renderer");

/** Styles may stand inline because Mantine writes its variables into <style> elements as it runs; scripts never. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Before the app is ready. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: "app", privileges: { standard: true, secure: true } }]);
}

/** Once the app is ready. */
export function serveAppScheme(folder = builtApp): void {
  protocol.handle("app", async ({ url }) => {
    const { host, pathname } = new URL(url);
    const file = host === "deltascope" ? fileFor(pathname) : undefined;
    const content = file && (await readFile(join(folder, file)).catch(() => undefined));
    if (!content) return new Response("", { status: 404, headers });
    return new Response(content, { headers: { ...headers, "content-type": appFileTypes.get(extname(file)) ?? "" } });
  });
}

const headers = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Addresses of views have no ending that files have; all of them are the one page. */
function fileFor(path: string): string | undefined {
  if (appFilePath.test(path) && appFileTypes.has(extname(path))) return path;
  return path.startsWith("/assets/") ? undefined : "/index.html";
}
