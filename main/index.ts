/** Start of the desktop app: one instance, one window, one engine process. */
import { parseArgs } from "node:util";
import { app, type BrowserWindow, session } from "electron";
import { linkScheme } from "../src/contract/desktop.ts";
import { declareAppScheme, serveAppScheme } from "./app-scheme.ts";
import { addressInWords, addressOfLink } from "./deep-links.ts";
import { answerDialogs } from "./dialogs.ts";
import { type EngineHost, startEngine } from "./engine-host.ts";
import { setMenu } from "./menu.ts";
import { confinePages, hearPage, refusePermissions } from "./security.ts";
import { startUpdates } from "./updates.ts";
import { openWindow } from "./window.ts";

let engine: EngineHost | undefined;
let window: BrowserWindow | undefined;
/** A link that came before the window. */
let firstAddress = addressInWords(process.argv) ?? "/";

declareAppScheme();
confinePages();
app.setAsDefaultProtocolClient(linkScheme);

if (app.requestSingleInstanceLock()) {
  app.on("second-instance", (_event, words) => show(addressInWords(words)));
  app.on("open-url", (event, link) => {
    event.preventDefault();
    show(addressOfLink(link));
  });
  app.on("activate", () => show(undefined));
  app.on("window-all-closed", () => app.quit());
  app.on("will-quit", stopEngine);
  void app.whenReady().then(start);
} else {
  app.quit();
}

function start(): void {
  serveAppScheme();
  refusePermissions(session.defaultSession);
  answerDialogs();
  engine = startEngine({ workspace: workspaceInWords(process.argv), roots: drives() });
  hearPage("ready", ({ sender }) => engine?.attach(sender));
  setMenu({
    navigate: show,
    print: () => window?.webContents.print(),
    restartEngine: () => engine?.restart(),
  });
  startUpdates(process.env.DELTASCOPE_UPDATE_FEED);
  show(undefined);
}

/** Brings the window to the front, opens it where needed, and goes to `address`. */
function show(address: string | undefined): void {
  if (!app.isReady()) {
    firstAddress = address ?? firstAddress;
    return;
  }
  if (!window || window.isDestroyed()) {
    window = openWindow(address ?? firstAddress);
    return;
  }
  if (window.isMinimized()) window.restore();
  window.focus();
  if (address) window.webContents.send("navigate", address);
}

/** The window belongs to the user, who names folders by the system's dialog and by dropping: none is out of bounds. */
function drives(): string[] {
  if (process.platform !== "win32") return ["/"];
  return Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (letter) => `${letter}:\\`);
}

/** Electron and Chromium put words of their own on the command line. */
function workspaceInWords(words: string[]): string | undefined {
  const { values } = parseArgs({
    args: words.slice(1),
    options: { workspace: { type: "string" } },
    strict: false,
    allowPositionals: true,
  });
  return typeof values.workspace === "string" ? values.workspace : undefined;
}

/** Quitting waits for the engine, so that finished modules are in the store. */
function stopEngine(event: { preventDefault(): void }): void {
  if (!engine) return;
  event.preventDefault();
  const stopping = engine;
  engine = undefined;
  void stopping.stop().finally(() => app.exit(0));
}
