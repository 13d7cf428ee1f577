/** Reaches the engine of the desktop through ports that the main process hands over: one per life of the engine. */
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/message-port";
import { type Connection, type ConnectionStore, connectionStore } from "../connection.ts";
import type { EngineClient } from "../engine.ts";

/** Calls `deliver` with each new port; `lost` when the engine at the far end has ended. */
export type Ports = (deliver: (port: MessagePort) => void, lost: () => void) => void;

export function connectByPort(ports: Ports): { engine: EngineClient; connection: Connection } {
  const connection = connectionStore();
  return { engine: createORPCClient(new RPCLink({ port: new LastingPort(ports, connection) })), connection };
}

/**
 * Looks like one port to oRPC. It says "close" when the engine is lost, which fails the calls under way; what is
 * posted until the next port comes waits for it.
 */
class LastingPort extends EventTarget {
  private readonly connection: ConnectionStore;
  private port: MessagePort | undefined;
  private waiting: unknown[] = [];

  constructor(ports: Ports, connection: ConnectionStore) {
    super();
    this.connection = connection;
    ports(
      (port) => this.attach(port),
      () => this.lost(),
    );
  }

  postMessage(message: unknown): void {
    if (this.port) this.port.postMessage(message);
    else this.waiting.push(message);
  }

  private attach(port: MessagePort): void {
    this.lost();
    this.port = port;
    port.addEventListener("message", ({ data }) => {
      if (this.port === port) this.dispatchEvent(new MessageEvent("message", { data }));
    });
    port.start();
    for (const message of this.waiting.splice(0)) port.postMessage(message);
    this.connection.enter("connected");
  }

  private lost(): void {
    if (!this.port) return;
    this.port.close();
    this.port = undefined;
    this.connection.enter("gone");
    this.dispatchEvent(new Event("close"));
  }
}
