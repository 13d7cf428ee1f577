/** The desktop as host: the system's dialogs, through the bridge of the preload. */
import { bridgeName, type DesktopBridge, linkScheme } from "../../src/contract/desktop.ts";
import type { Host } from "./host.ts";

export type Bridge = DesktopBridge<File>;

/** The preload's bridge; undefined in a browser. */
export function desktopBridge(): Bridge | undefined {
  return (window as Window & Partial<Record<typeof bridgeName, Bridge>>)[bridgeName];
}

export function desktopHost(bridge: Bridge): Host {
  return {
    kind: "desktop",
    openFolders: () => bridge.openFolders(),
    pathsOf: (files) => files.map((file) => bridge.pathOf(file)).filter((path) => path !== ""),
    save: async (name, content) => bridge.save(name, await content.arrayBuffer()),
    reveal: (path) => bridge.reveal(path),
    print: () => bridge.print(),
    onNavigate: (listener) => bridge.onNavigate(listener),
    link: () => `${linkScheme}:/${window.location.pathname}${window.location.search}`,
  };
}
