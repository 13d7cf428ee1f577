/** The engine's side of a transport: whoever carries messages needs to know nothing of procedures. */
import type { Context, Router } from "@orpc/server";
import { RPCHandler } from "@orpc/server/websocket";
import type { Contract } from "../contract/api.ts";

/** One caller at the far end of a WebSocket or port. */
export interface EngineConnection {
  /**
   * Takes one message of the caller and resolves when its answer, streams included, was sent.
   * Rejects when the message is not of the protocol.
   */
  message(data: string | ArrayBuffer): Promise<void>;
  /** The caller is gone: its calls are cancelled. */
  close(): void;
}

/** Carries one message to the caller. */
export type SendMessage = (message: string | ArrayBufferLike | ArrayBufferView | Blob) => void;
export type Connect = (send: SendMessage) => EngineConnection;

/** Connections that answer with the procedures of `router`. */
export function connector<Services extends Context>(router: Router<Contract, Services>, context: Services): Connect {
  // The handler's type asks for the context only when it has fields, which it cannot see of a type parameter.
  const handler = new RPCHandler<Context>(router as Router<Contract, Context>);
  return (send) => {
    // The handler only sends; listening is the transport's part.
    const caller = { send, addEventListener: () => undefined };
    return {
      message: (data) => handler.message(caller, data, { context }),
      close: () => handler.close(caller),
    };
  };
}
