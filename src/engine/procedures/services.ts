/** What procedures work with; the workspace and everything in it come to life when a procedure first asks for them. */
import { DeltaScopeError } from "../../contract/errors.ts";
import { runAnalysis } from "../analysis/run.ts";
import { type AnalysisQueue, createAnalysisQueue } from "../jobs/analysis-queue.ts";
import { createEventHub, type EventHub } from "../jobs/event-hub.ts";
import { createJobs, type Jobs } from "../jobs/jobs.ts";
import { createLibrary, type Library } from "../library/library.ts";
import { createPlaces, type Places } from "../library/places.ts";
import type { Backend } from "../linalg/backend.ts";
import { openNativeBackend } from "../linalg/native-backend.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/types.ts";
import { moduleRowOf } from "../views/module-row.ts";
import { createTestedModules, type TestedModules } from "../views/tested-modules.ts";
import { openWorkspace, type Workspace } from "../workspace/workspace.ts";
import { interruptedJobs } from "./interrupted.ts";
import { readSettings } from "./settings.ts";

export interface EngineOptions {
  /** Folder of the workspace; the user's default one when left out. */
  workspace?: string | undefined;
  /** Threads of the numeric crate; all cores when left out. */
  threads?: number | undefined;
  /** Folders that callers over a transport may open; the user's home folder when left out. */
  roots?: readonly string[] | undefined;
}

/** An open workspace with what lives in it. */
export interface Opened {
  workspace: Workspace;
  store: Store;
  library: Library;
  queue: AnalysisQueue;
  places: Places;
  tests: TestedModules;
}

export interface Services {
  options: EngineOptions;
  open(): Promise<Opened>;
  store(): Promise<Store>;
  backend(): Backend;
  /** One analysis and one exact view at a time: each of them fills the threads it is given. */
  jobs: Jobs<"analysis" | "exact-view">;
  hub: EventHub;
  /** The caller is another process, which may only name allowed folders. */
  remote: boolean;
}

export function openServices(options: EngineOptions): Services & { close(): Promise<void> } {
  let opened: Promise<Opened> | undefined;
  let backend: Backend | undefined;
  let closed = false;
  const services: Services = {
    options,
    remote: false,
    jobs: createJobs({ analysis: 1, "exact-view": 1 }),
    hub: createEventHub(),
    open: () => {
      if (closed) throw new DeltaScopeError("internal", "The engine was closed.");
      opened ??= openWorkspaceOf(services);
      return opened;
    },
    store: async () => (await services.open()).store,
    backend: () => {
      backend ??= openNativeBackend(options.threads);
      return backend;
    },
  };
  const close = async (): Promise<void> => {
    closed = true;
    const parts = await opened?.catch(() => undefined);
    await parts?.queue.stop();
    services.hub.close();
    await parts?.store.close();
    parts?.workspace.release();
  };
  return { ...services, close };
}

async function openWorkspaceOf(services: Services): Promise<Opened> {
  const workspace = await openWorkspace(services.options.workspace);
  try {
    const store = await openStore(workspace.database);
    return {
      workspace,
      store,
      library: createLibrary({ store, publish: (items) => services.hub.publish({ type: "library", items }) }),
      queue: await openQueue(services, store),
      tests: createTestedModules(store),
      places: createPlaces(store, workspace.folder, services.options.roots),
    };
  } catch (thrown) {
    workspace.release();
    throw thrown;
  }
}

async function openQueue({ jobs, hub, backend }: Services, store: Store): Promise<AnalysisQueue> {
  return createAnalysisQueue({
    jobs,
    publish: hub.publish,
    rowOf: moduleRowOf,
    interrupted: await interruptedJobs(store),
    async *work(spec, signal) {
      const { threads, memoryBytes } = await readSettings(store);
      const limited = {
        ...spec,
        threads: spec.threads ?? threads ?? undefined,
        memoryBytes: spec.memoryBytes ?? memoryBytes ?? undefined,
      };
      yield* runAnalysis(limited, { backend: backend(), store }, signal);
    },
  });
}
