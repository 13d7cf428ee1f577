/** What procedures work with; the workspace and everything in it come to life when a procedure first asks for them. */
import { DeltaScopeError } from "../../contract/errors.ts";
import { createEventHub, type EventHub } from "../jobs/event-hub.ts";
import { createJobQueue, type JobQueue } from "../jobs/job-queue.ts";
import type { Place } from "../jobs/job-work.ts";
import { createJobs, type Jobs } from "../jobs/jobs.ts";
import { createLibrary, type Library } from "../library/library.ts";
import { createPlaces, type Places } from "../library/places.ts";
import type { Backend } from "../linalg/backend.ts";
import { openNativeBackend } from "../linalg/native-backend.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/types.ts";
import { createTestedModules, type TestedModules } from "../views/tested-modules.ts";
import { openWorkspace, type Workspace } from "../workspace/workspace.ts";
import { interruptedJobs } from "./interrupted.ts";
import { jobWorks } from "./job-works.ts";

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
  queue: JobQueue;
  places: Places;
  tests: TestedModules;
}

export interface Services {
  options: EngineOptions;
  open(): Promise<Opened>;
  store(): Promise<Store>;
  backend(): Backend;
  /** One of each at a time: each of them fills the threads it is given. */
  jobs: Jobs<Place>;
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
    jobs: createJobs<Place>({ analysis: 1, scoring: 1, edit: 1, "exact-view": 1 }),
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
    const { hub, jobs } = services;
    const library = createLibrary({ store, publish: (items) => hub.publish({ type: "library", items }) });
    const open = jobWorks(services, { store, library });
    return {
      workspace,
      store,
      library,
      queue: createJobQueue({ jobs, open, publish: hub.publish, interrupted: await interruptedJobs(store) }),
      tests: createTestedModules(store),
      places: createPlaces(store, workspace.folder, services.options.roots),
    };
  } catch (thrown) {
    workspace.release();
    throw thrown;
  }
}
