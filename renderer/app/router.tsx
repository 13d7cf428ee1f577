/** Every address of the app. Views are loaded when they are first shown. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  type RouterHistory,
} from "@tanstack/react-router";
import { compareSearch } from "../features/compare/search.ts";
import { forgettingSearch } from "../features/forgetting/search.ts";
import { inspectorSearch } from "../features/inspector/search.ts";
import { librarySearch } from "../features/library/search.ts";
import { spectraSearch } from "../features/spectra/search.ts";
import { theorySearch } from "../features/theory/search.ts";
import { historySearch, liveSearch, newRunSearch, sweepSearch } from "../features/training/search.ts";
import { frameParameters, frameSearch } from "./frame-search.ts";
import { InspectorEntry } from "./inspector-entry.tsx";
import { parseSearch, searchValidator, stringifySearch } from "./search-params.ts";
import { Shell } from "./shell.tsx";
import { StartView } from "./start.tsx";
import { NothingHere, ViewError } from "./view-error.tsx";

const root = createRootRoute({
  component: Shell,
  validateSearch: (input) => frameSearch.catch({}).parse(input),
  notFoundComponent: NothingHere,
  errorComponent: ViewError,
});

const getParentRoute = () => root;

const start = createRoute({ getParentRoute, path: "/", component: StartView });

const library = createRoute({
  getParentRoute,
  path: "/library",
  validateSearch: searchValidator(librarySearch, frameParameters),
  component: lazyRouteComponent(() => import("../features/library/library-view.tsx"), "LibraryView"),
});

const compare = createRoute({
  getParentRoute,
  path: "/compare",
  validateSearch: searchValidator(compareSearch, frameParameters),
  component: lazyRouteComponent(() => import("../features/compare/compare-view.tsx"), "CompareView"),
});

const inspectorEntry = createRoute({ getParentRoute, path: "/inspector", component: InspectorEntry });

const inspector = createRoute({
  getParentRoute,
  path: "/inspector/$run/$layer/$kind",
  validateSearch: searchValidator(inspectorSearch, frameParameters),
  component: lazyRouteComponent(() => import("../features/inspector/inspector-view.tsx"), "InspectorView"),
});

const inspectorByName = createRoute({
  getParentRoute,
  path: "/inspector/$run/m/$name",
  validateSearch: searchValidator(inspectorSearch, frameParameters),
  component: lazyRouteComponent(() => import("../features/inspector/inspector-view.tsx"), "InspectorView"),
});

const spectra = createRoute({
  getParentRoute,
  path: "/spectra",
  validateSearch: searchValidator(spectraSearch, frameParameters),
  component: lazyRouteComponent(() => import("../features/spectra/spectra-view.tsx"), "SpectraView"),
});

const forgetting = createRoute({
  getParentRoute,
  path: "/forgetting",
  validateSearch: searchValidator(forgettingSearch, frameParameters),
  component: lazyRouteComponent(() => import("../features/forgetting/forgetting-view.tsx"), "ForgettingView"),
});

const theory = createRoute({
  getParentRoute,
  path: "/theory",
  validateSearch: searchValidator(theorySearch, frameParameters),
  component: lazyRouteComponent(() => import("../features/theory/theory-view.tsx"), "TheoryView"),
});

const newRun = createRoute({
  getParentRoute,
  path: "/training/new",
  validateSearch: searchValidator(newRunSearch, frameParameters),
  component: lazyRouteComponent(() => import("../features/training/new-run-view.tsx"), "NewRunView"),
});

const liveRun = createRoute({
  getParentRoute,
  path: "/training/run/$id",
  validateSearch: searchValidator(liveSearch, frameParameters),
  component: lazyRouteComponent(() => import("../features/training/live-view.tsx"), "LiveView"),
});

const sweep = createRoute({
  getParentRoute,
  path: "/training/sweep/$id",
  validateSearch: searchValidator(sweepSearch, frameParameters),
  component: lazyRouteComponent(() => import("../features/training/sweep-view.tsx"), "SweepView"),
});

const trainingHistory = createRoute({
  getParentRoute,
  path: "/training/history",
  validateSearch: searchValidator(historySearch, frameParameters),
  component: lazyRouteComponent(() => import("../features/training/history-view.tsx"), "HistoryView"),
});

const trainingEntry = createRoute({
  getParentRoute,
  path: "/training",
  component: () => <Navigate to="/training/new" replace />,
});

const settingsEntry = createRoute({
  getParentRoute,
  path: "/settings",
  component: () => <Navigate to="/settings/$section" params={{ section: "general" }} replace />,
});

const settings = createRoute({
  getParentRoute,
  path: "/settings/$section",
  component: lazyRouteComponent(() => import("../features/settings/settings-view.tsx"), "SettingsView"),
});

const routeTree = root.addChildren([
  start,
  library,
  compare,
  inspectorEntry,
  inspector,
  inspectorByName,
  spectra,
  forgetting,
  theory,
  trainingEntry,
  newRun,
  liveRun,
  sweep,
  trainingHistory,
  settingsEntry,
  settings,
]);

export function appRouter(history?: RouterHistory) {
  return createRouter({
    routeTree,
    ...(history && { history }),
    parseSearch,
    stringifySearch,
    defaultErrorComponent: ViewError,
    defaultPreload: "intent",
    defaultPendingMs: 100,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof appRouter>;
  }
}
