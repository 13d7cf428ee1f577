/** The desktop app in Electron itself, where its program is installed. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { _electron as electron } from "playwright-core";
import { expect, test } from "vitest";
import { temporaryFolder } from "../builders/folders.ts";

const project = join(import.meta.dirname, "../..");
const package_ = join(project, "node_modules", "electron");

/** Asked of its files: the package itself would download what is missing. */
function electronProgram(): string | undefined {
  const named = join(package_, "path.txt");
  const program = existsSync(named) ? join(package_, "dist", readFileSync(named, "utf8").trim()) : undefined;
  return program !== undefined && existsSync(program) ? program : undefined;
}

const program = electronProgram();
const display = process.platform !== "linux" || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
const built = existsSync(join(project, "out", "renderer", "index.html"));
const missing = [
  ...(program ? [] : ["Electron's program is not installed (npx install-electron)"]),
  ...(display ? [] : ["there is no display"]),
  ...(built ? [] : ["the app is not built (npm run build)"]),
];
const reason = missing.length > 0 ? ` [skipped: ${missing.join("; ")}]` : "";

test.skipIf(missing.length > 0)(`the window shows the demo, confined, and outlives its engine${reason}`, async () => {
  const app = await electron.launch({
    executablePath: program,
    // Containers run as root, where Chromium has no sandbox.
    args: [project, `--workspace=${temporaryFolder("desktop")}`, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
  });
  const page = await app.firstWindow();
  await page.getByRole("heading", { name: "Compare" }).waitFor();
  expect(page.url()).toMatch(/^app:\/\/deltascope\/compare/);
  expect(await page.evaluate(() => [typeof require, typeof process, typeof Reflect.get(window, "module")])).toEqual([
    "undefined",
    "undefined",
    "undefined",
  ]);
  const opened = await page.evaluate(() => window.open("https://example.org") === null);
  expect(opened).toBe(true);
  await page.evaluate(() => window.location.assign("https://example.org"));
  expect(page.url()).toMatch(/^app:\/\/deltascope\//);
  // What the system would do to an engine that takes too much memory.
  await app.evaluate(({ app: running }) => {
    const engine = running.getAppMetrics().find(({ name, serviceName }) => /engine/i.test(name ?? serviceName ?? ""));
    if (engine) process.kill(engine.pid, "SIGKILL");
  });
  await page.getByTestId("engine-resumed").waitFor();
  await app.close();
});
