/** Reaches the engine through the server that served this page, and reaches it again after it was lost. */
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/websocket";
import { type Connection, type ConnectionStore, connectionStore } from "../connection.ts";
import type { EngineClient } from "../engine.ts";

/** Waiting times between attempts, in milliseconds; the last one repeats. Short first: a restart takes a second. */
const pauses = [250, 500, 1000, 2000, 5000] as const;

/** For an answer whether this browser is known, in milliseconds: a tunnel that hangs says nothing at all. */
const patience = 5000;

export interface WebSocketSurroundings {
  /** Address of the socket. */
  url: string;
  open(url: string): WebSocket;
  /** Whether the server still knows this browser; the socket's failure does not tell. */
  signedIn(): Promise<boolean>;
}

type LinkSocket = ConstructorParameters<typeof RPCLink>[0]["websocket"];

export function connectByWebSocket(surroundings: WebSocketSurroundings = ofThisPage()): {
  engine: EngineClient;
  connection: Connection;
} {
  const connection = connectionStore();
  // An EventTarget's listeners are typed wider than a WebSocket's; oRPC gives it no others.
  const websocket = new LastingSocket(surroundings, connection) as unknown as LinkSocket;
  return { engine: createORPCClient(new RPCLink({ websocket })), connection };
}

/**
 * Looks like one WebSocket to oRPC. It says "close" once when the engine is lost, which fails the calls under way;
 * calls made until it is back wait for "open".
 */
class LastingSocket extends EventTarget {
  private readonly surroundings: WebSocketSurroundings;
  private readonly connection: ConnectionStore;
  private socket: WebSocket | undefined;
  private attempts = 0;

  constructor(surroundings: WebSocketSurroundings, connection: ConnectionStore) {
    super();
    this.surroundings = surroundings;
    this.connection = connection;
    this.reach();
  }

  get readyState(): number {
    return this.connection.getSnapshot().phase === "connected" ? WebSocket.OPEN : WebSocket.CONNECTING;
  }

  send(message: Parameters<WebSocket["send"]>[0]): void {
    if (!this.socket) throw new Error("The engine is not connected.");
    this.socket.send(message);
  }

  private reach(): void {
    const socket = this.surroundings.open(this.surroundings.url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      this.socket = socket;
      this.attempts = 0;
      this.connection.enter("connected");
      this.dispatchEvent(new Event("open"));
    });
    socket.addEventListener("message", ({ data }) => this.dispatchEvent(new MessageEvent("message", { data })));
    socket.addEventListener("close", () => void this.lost());
  }

  private async lost(): Promise<void> {
    if (this.socket) {
      this.socket = undefined;
      this.connection.enter("gone");
      this.dispatchEvent(new Event("close"));
    }
    const pause = pauses[Math.min(this.attempts, pauses.length - 1)];
    this.attempts += 1;
    const signedIn = await this.surroundings.signedIn();
    if (!signedIn) this.connection.enter("signed-out");
    setTimeout(() => this.reach(), pause);
  }
}

function ofThisPage(): WebSocketSurroundings {
  const { protocol, host } = window.location;
  return {
    url: `${protocol === "https:" ? "wss" : "ws"}://${host}/engine`,
    open: (url) => new WebSocket(url),
    signedIn: stillSignedIn,
  };
}

/** A server that does not answer at all says nothing about the session. */
async function stillSignedIn(): Promise<boolean> {
  try {
    const response = await fetch("/", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(patience) });
    return response.status !== 401;
  } catch {
    return true;
  }
}
