/** What every view needs around it: queries, theme, engine, host, connection. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Connected } from "../client/connect.ts";
import { ConnectionProvider } from "../client/connection-context.ts";
import { EngineProvider } from "../client/engine.ts";
import { HostProvider } from "../host/host.ts";
import { cssVariables, theme } from "../theme/mantine.ts";
import { useTheme } from "./appearance.ts";

/** Answers stay right until an event says otherwise; a failure of the engine is an answer too. */
export function appQueries(): QueryClient {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        retry: false,
        refetchOnWindowFocus: false,
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
  // Comparing twenty thousand rows with their predecessors would take longer than drawing them.
  queries.setQueryDefaults(["rows"], { structuralSharing: false });
  return queries;
}

export interface ProvidersProps extends Connected {
  queries: QueryClient;
  children: ReactNode;
}

export function Providers({ engine, connection, host, queries, children }: ProvidersProps) {
  const shown = useTheme();
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} forceColorScheme={shown}>
      <QueryClientProvider client={queries}>
        <ConnectionProvider value={connection}>
          <HostProvider value={host}>
            <EngineProvider value={engine}>{children}</EngineProvider>
          </HostProvider>
        </ConnectionProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
