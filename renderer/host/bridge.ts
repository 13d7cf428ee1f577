/** The desktop's bridge, where there is one. */
import { bridgeName, type DesktopBridge } from "../../src/contract/desktop.ts";

export type Bridge = DesktopBridge<File>;

/** What the preload put into the window; undefined in a browser. */
export function desktopBridge(): Bridge | undefined {
  return (window as Window & Partial<Record<typeof bridgeName, Bridge>>)[bridgeName];
}
