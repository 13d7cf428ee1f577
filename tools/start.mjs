// `npm start`: whatever is missing or old is made, then the app opens: in its own window, or in the browser where
// Electron's program is not installed. Words after `npm start --` go on to the app.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isNativeBuilt } from "./native-record.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const words = process.argv.slice(2);
const windows = process.platform === "win32";
const addon = join(root, "native", "deltascope.node");
/** The last file that the build writes. */
const app = join(root, "out", "renderer", "index.html");

ensurePackages();
ensureAddon();
ensureApp();
const electron = electronProgram();
if (electron) openWindow(electron);
else await openBrowser();

function ensurePackages() {
  if (existsSync(join(root, "node_modules", "vite")) && existsSync(bundledNode())) return;
  run("The packages are installed first.", "npm", ["install"], { shell: windows });
}

function ensureAddon() {
  if (isNativeBuilt(root)) return;
  const cargo = spawnSync("cargo", ["--version"], { stdio: "ignore" });
  if (cargo.status === 0) {
    run("The native part is missing or old.", bundledNode(), ["tools/build-native.mjs"]);
  } else if (existsSync(addon)) {
    console.error(
      "The native part was not built from these sources, and Rust to build it is missing (https://rustup.rs).",
    );
  } else {
    fail("DeltaScope needs Rust once, to build its native part: install it from https://rustup.rs and start again.");
  }
}

function ensureApp() {
  if (isNewer(app, ["renderer", "src", "main", "electron.vite.config.ts", "package-lock.json"])) return;
  const program = join(root, "node_modules", "electron-vite", "bin", "electron-vite.js");
  run("The app is built.", bundledNode(), [program, "build", "--logLevel", "warn"]);
}

/** Electron's program, without asking for its package: that would download what is missing. */
function electronProgram() {
  const folder = join(root, "node_modules", "electron");
  const name = existsSync(join(folder, "path.txt")) ? readFileSync(join(folder, "path.txt"), "utf8").trim() : "";
  const program = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, "dist"), name || "electron");
  if (!existsSync(program)) {
    console.error("Electron's program is not installed here; opening the app in the browser instead.");
    return undefined;
  }
  const headless = process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;
  if (headless) console.error("There is no display for a window here; opening the app in the browser instead.");
  return headless ? undefined : program;
}

function openWindow(program) {
  const child = spawn(program, [root, ...words], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => process.exit(code ?? 1));
}

/** The command line starts itself with the words it finds. */
async function openBrowser() {
  process.argv.splice(2, words.length, "serve", ...words);
  await import("../bin/deltascope.mjs");
}

function bundledNode() {
  return join(root, "node_modules", "node", "bin", windows ? "node.exe" : "node");
}

/** Whether `made` exists and nothing under `sources` was changed after it. Tests are no sources. */
function isNewer(made, sources) {
  if (!existsSync(made)) return false;
  const limit = statSync(made).mtimeMs;
  return sources.every((source) => newest(join(root, source)) <= limit);
}

function newest(path) {
  if (!existsSync(path) || path.includes(".test.")) return 0;
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

/** Runs a step in the project's folder; what it prints is shown, and its failure ends the start. */
function run(sentence, program, parameters, options = {}) {
  console.error(sentence);
  const { status } = spawnSync(program, parameters, { cwd: root, stdio: ["ignore", 2, 2], ...options });
  if (status !== 0) fail("That step failed; what is printed above says why.");
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
