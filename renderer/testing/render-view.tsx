/** Draws one view as the app would: theme, queries, engine, and its route with validated search parameters. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import type { z } from "zod";
import { type EngineClient, EngineProvider } from "../client/engine.ts";

interface ViewUnderTest {
  /** Route of the view as in the app, "/compare" or "/inspector/$run/$layer/$kind". */
  path: string;
  component: () => ReactNode;
  search?: z.ZodType;
  client: EngineClient;
  /** Address to open; the route's path when left out. */
  at?: string;
}

/** The drawn view with a user; `address()` is where the app stands, also after it went to another view. */
export function renderView({ path, component, search, client, at = path }: ViewUnderTest) {
  const root = createRootRoute({ component: Outlet });
  const view = createRoute({
    getParentRoute: () => root,
    path,
    component,
    validateSearch: (input: Record<string, unknown>) => (search ? search.parse(input) : input) as object,
  });
  const elsewhere = createRoute({ getParentRoute: () => root, path: "$", component: () => "another view" });
  const history = createMemoryHistory({ initialEntries: [at] });
  const router = createRouter({ routeTree: root.addChildren([view, elsewhere]), history });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const drawn = render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <EngineProvider value={client}>
          <RouterProvider router={router as never} />
        </EngineProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  const address = () => router.state.location.href;
  return { ...drawn, user: userEvent.setup(), queries, address, go: (to: string) => history.push(to) };
}
