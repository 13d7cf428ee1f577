/** The connection of this window, for the bar that says when the engine is gone. */
import { createContext, useContext, useSyncExternalStore } from "react";
import type { Connection, ConnectionState } from "./connection.ts";

const ConnectionContext = createContext<Connection | undefined>(undefined);
export const ConnectionProvider = ConnectionContext.Provider;

export function useConnection(): ConnectionState {
  const connection = useContext(ConnectionContext);
  if (!connection) throw new Error("No connection is provided.");
  return useSyncExternalStore(connection.subscribe, connection.getSnapshot);
}
