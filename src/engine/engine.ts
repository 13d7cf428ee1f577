/** The only door to the engine: a client of the contract in this process, and answers to callers of other ones. */
import type { ContractRouterClient } from "@orpc/contract";
import { createRouterClient } from "@orpc/server";
import type { Contract } from "../contract/api.ts";
import { type Connect, connector } from "./connect.ts";
import { router } from "./procedures/router.ts";
import { type EngineOptions, openServices } from "./procedures/services.ts";

export type { EngineOptions } from "./procedures/services.ts";

export interface Engine {
  /** Typed client of the contract, in this process. */
  client: ContractRouterClient<Contract>;
  /** Answers a caller in another process, over whatever carries messages. */
  connect: Connect;
  /** Ends jobs, closes the store and gives the workspace's lock back. */
  close(): Promise<void>;
}

/** Nothing is opened before a procedure asks for it. */
export function openEngine(options: EngineOptions = {}): Engine {
  const services = openServices(options);
  return {
    client: createRouterClient(router, { context: services }),
    connect: connector(router, { ...services, remote: true }),
    close: services.close,
  };
}
