/** The window: one sandboxed page of our own scheme. */
import { join } from "node:path";
import { BrowserWindow, nativeTheme } from "electron";
import { appOrigin } from "./app-scheme.ts";
import { keepPlacement, placement } from "./window-state.ts";

/** Ground of both themes (--ground of tokens.css), so that nothing flashes before the first paint. */
const ground = { light: "#f4f5f7", dark: "#0d1014" };

/** @param address inside the app, like `/compare?runs=…` */
export function openWindow(address: string): BrowserWindow {
  const { place, maximised } = placement();
  const window = new BrowserWindow({
    ...place,
    show: false,
    title: "DeltaScope",
    backgroundColor: nativeTheme.shouldUseDarkColors ? ground.dark : ground.light,
    webPreferences: {
      preload: join(import.meta.dirname, "..", "preload", "index.cjs"),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  keepPlacement(window);
  window.once("ready-to-show", () => {
    if (maximised) window.maximize();
    window.show();
  });
  // A page that crashed is loaded again: what it showed is in its address and in the store.
  window.webContents.on("render-process-gone", (_event, { reason }) => {
    if (reason !== "clean-exit") window.webContents.reload();
  });
  void window.loadURL(`${appOrigin}${address}`);
  return window;
}
