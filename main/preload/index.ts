/**
 * The only code that sees both the page and Electron. It forwards ports of the engine and a few questions to the main
 * process, and decides nothing. Bundled as one CommonJS file, since it runs in the sandbox.
 */
import { contextBridge, ipcRenderer, webUtils } from "electron";
import type { bridgeName, DesktopBridge, portMessage } from "../../src/contract/desktop.ts";

const name: typeof bridgeName = "deltascopeDesktop";
const portWord: typeof portMessage = "deltascope-engine-port";

const bridge: DesktopBridge<File> = {
  openFolders: () => ipcRenderer.invoke("open-folders"),
  pathOf: (file) => webUtils.getPathForFile(file),
  save: (fileName, content) => ipcRenderer.invoke("save", fileName, content),
  reveal: (path) => ipcRenderer.send("reveal", path),
  print: () => ipcRenderer.send("print"),
  onNavigate: (listener) => void ipcRenderer.on("navigate", (_event, address: string) => listener(address)),
  onEngineLost: (listener) => void ipcRenderer.on("engine-lost", () => listener()),
  ready: () => ipcRenderer.send("ready"),
};

contextBridge.exposeInMainWorld(name, bridge);
ipcRenderer.on("engine-port", ({ ports }) => window.postMessage(portWord, window.origin, ports));
