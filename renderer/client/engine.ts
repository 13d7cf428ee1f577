/** The typed client of the engine; features know this file and never a transport. */
import type { ContractRouterClient } from "@orpc/contract";
import { createContext, type Provider, useContext } from "react";
import type { Contract } from "../../src/contract/api.ts";

export type EngineClient = ContractRouterClient<Contract>;

const EngineContext = createContext<EngineClient | undefined>(undefined);
export const EngineProvider: Provider<EngineClient | undefined> = EngineContext.Provider;

/** The client of this window. */
export function useEngine(): EngineClient {
  const client = useContext(EngineContext);
  if (!client) throw new Error("No engine is provided.");
  return client;
}
