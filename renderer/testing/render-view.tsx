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
import { type ReactNode, useEffect } from "react";
import { z } from "zod";
import { parseSearch, searchValidator, stringifySearch } from "../app/search-params.ts";
import { type EngineClient, EngineProvider } from "../client/engine.ts";
import { type Host, HostProvider } from "../host/host.ts";
import { answerKey } from "../widgets/keyboard.ts";

interface ViewUnderTest {
  /** Route of the view as in the app, "/compare" or "/inspector/$run/$layer/$kind". */
  path: string;
  component: () => ReactNode;
  search?: z.ZodObject;
  client: EngineClient;
  /** Address to open; the route's path when left out. */
  at?: string;
  /** What the host can do beyond a browser that saves nothing. */
  host?: Partial<Host>;
}

const plainHost: Host = {
  kind: "browser",
  openFolders: () => undefined,
  pathsOf: () => undefined,
  save: async () => undefined,
  link: () => window.location.href,
};

/** The drawn view with a user; `address()` is where the app stands, also after it went to another view. */
export function renderView({ path, component, search, client, at = path, host }: ViewUnderTest) {
  const root = createRootRoute({ component: Frame });
  const view = createRoute({
    getParentRoute: () => root,
    path,
    component,
    validateSearch: searchValidator(search ?? z.looseObject({})),
  });
  const elsewhere = createRoute({ getParentRoute: () => root, path: "$", component: () => "another view" });
  // Until its data are there the view before it stays on screen.
  const slow = createRoute({ getParentRoute: () => root, path: "/slow", loader: slowly, component: () => "at last" });
  const history = createMemoryHistory({ initialEntries: [at] });
  const router = createRouter({
    routeTree: root.addChildren([view, slow, elsewhere]),
    history,
    parseSearch,
    stringifySearch,
  });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const drawn = render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <EngineProvider value={client}>
          <HostProvider value={{ ...plainHost, ...host }}>
            <RouterProvider router={router as never} />
          </HostProvider>
        </EngineProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  const address = () => router.state.location.href;
  return { ...drawn, user: userEvent.setup(), queries, address, go: (to: string) => history.push(to) };
}

function slowly(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500));
}

/** The shell's one listener for keys. */
function Frame() {
  useEffect(() => {
    const listener = (event: KeyboardEvent) => void answerKey(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
  return <Outlet />;
}
