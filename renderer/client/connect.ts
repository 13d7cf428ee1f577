/** Picks transport and host by where this page runs. */
import { portMessage } from "../../src/contract/desktop.ts";
import { type Bridge, desktopBridge } from "../host/bridge.ts";
import { browserHost } from "../host/browser.ts";
import { desktopHost } from "../host/desktop.ts";
import type { Host } from "../host/host.ts";
import type { Connection } from "./connection.ts";
import type { EngineClient } from "./engine.ts";
import { connectByPort, type Ports } from "./transports/port.ts";
import { connectByWebSocket } from "./transports/websocket.ts";

export interface Connected {
  engine: EngineClient;
  connection: Connection;
  host: Host;
}

/** Called once, before the first render. */
export function connect(): Connected {
  const bridge = desktopBridge();
  if (!bridge) return { ...connectByWebSocket(), host: browserHost() };
  return { ...connectByPort(portsOf(bridge)), host: desktopHost(bridge) };
}

function portsOf(bridge: Bridge): Ports {
  return (deliver, lost) => {
    window.addEventListener("message", ({ source, data, ports }) => {
      const [port] = ports;
      if (source === window && data === portMessage && port) deliver(port);
    });
    bridge.onEngineLost(lost);
    bridge.ready();
  };
}
