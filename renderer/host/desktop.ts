/** The desktop as host: the system's dialogs, through the bridge of the preload. */
import { linkScheme } from "../../src/contract/desktop.ts";
import type { Bridge } from "./bridge.ts";
import type { Host } from "./host.ts";

export function desktopHost(bridge: Bridge): Host {
  return {
    kind: "desktop",
    openFolders: () => bridge.openFolders(),
    pathsOf: (files) => files.map((file) => bridge.pathOf(file)).filter((path) => path !== ""),
    save: async (name, content) => bridge.save(name, await content.arrayBuffer()),
    reveal: (path) => bridge.reveal(path),
    print: () => bridge.print(),
    link: () => `${linkScheme}:/${window.location.pathname}${window.location.search}`,
  };
}
