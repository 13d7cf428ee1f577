/** What procedures work with; the workspace and everything in it come to life when a procedure first asks for them. */
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import { createEvaluationMemory, type EvaluationMemory } from "../evaluation/services.ts";
import { type Keychain, systemKeychain } from "../hub/keychain.ts";
import { createEventHub, type EventHub } from "../jobs/event-hub.ts";
import { createJobQueue, type JobQueue } from "../jobs/job-queue.ts";
import type { Place } from "../jobs/job-work.ts";
import { createJobs, type Jobs } from "../jobs/jobs.ts";
import { createLibrary, type Library } from "../library/library.ts";
import { createPlaces, type Places } from "../library/places.ts";
import type { Backend } from "../linalg/backend.ts";
import type { EditBackend } from "../linalg/edit-backend.ts";
import { openNativeBackend } from "../linalg/native-backend.ts";
import { openNativeEditBackend } from "../linalg/native-edit-backend.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/types.ts";
import { createTestedModules, type TestedModules } from "../views/tested-modules.ts";
import { copyWorkspace } from "../workspace/copy.ts";
import { openWorkspace, type Workspace } from "../workspace/workspace.ts";
import { interruptedJobs } from "./interrupted.ts";
import { keepJobOrder } from "./job-order.ts";
import { jobWorks } from "./job-works.ts";
import { keepPausedJobs } from "./paused-jobs.ts";
import { openTrainingParts, type TrainingParts } from "./training-parts.ts";

export interface EngineOptions {
  /** Folder of the workspace; the user's default one when left out. */
  workspace?: string | undefined;
  /** Threads of the numeric crate; all cores when left out. */
  threads?: number | undefined;
  /** Folders that callers over a transport may open; the user's home folder when left out. */
  roots?: readonly string[] | undefined;
  /** Where the Hub's token is kept; the system's own when left out. */
  keychain?: Keychain | undefined;
}

/** An open workspace with what lives in it. */
export interface Opened {
  workspace: Workspace;
  store: Store;
  library: Library;
  training: TrainingParts;
  queue: JobQueue;
  places: Places;
  tests: TestedModules;
  evaluation: EvaluationMemory;
  /** When the copy was taken, where this is one (ISO 8601). */
  copiedAt: string | undefined;
}

export interface Services {
  options: EngineOptions;
  open(): Promise<Opened>;
  /** The workspace where it is open already; nothing is opened for the question. */
  peek(): Promise<Opened | undefined>;
  store(): Promise<Store>;
  /** Opens the workspace, or a copy to look at; see `workspace.open` of the contract. */
  openAs(kind: { readOnly: boolean }): Promise<Opened>;
  /** True while a copy is open. */
  readOnly(): boolean;
  backend(): Backend;
  editBackend(): EditBackend;
  /** One of each at a time: each of them fills the threads it is given. */
  jobs: Jobs<Place>;
  hub: EventHub;
  keychain: Keychain;
  /** The caller is another process, which may only name allowed folders. */
  remote: boolean;
}

export function openServices(options: EngineOptions): Services & { close(): Promise<void> } {
  let opened: Promise<Opened> | undefined;
  let readOnly = false;
  let backend: Backend | undefined;
  let editBackend: EditBackend | undefined;
  let closed = false;
  const refuseClosed = (): void => {
    if (closed) throw new DeltaScopeError("internal", "The engine was closed.");
  };
  const openNow = (): Promise<Opened> => {
    const now = openWorkspaceOf(services);
    // A workspace that is locked may be free the next time.
    now.catch(() => {
      if (opened === now) opened = undefined;
    });
    return now;
  };
  const switchTo = async (kind: { readOnly: boolean }): Promise<Opened> => {
    const before = await opened?.catch(() => undefined);
    if (before && before.copiedAt === undefined) return before;
    refuseClosed();
    const parts = await (kind.readOnly ? openCopyOf(services) : openWorkspaceOf(services));
    opened = Promise.resolve(parts);
    readOnly = kind.readOnly;
    if (before) await closeParts(before);
    services.hub.publish({ type: "hello", jobs: parts.queue.list() });
    services.hub.publish({ type: "runs-changed" });
    return parts;
  };
  // One after the other: two windows that ask at once would else open two, and leave one open for ever.
  let switching: Promise<unknown> = Promise.resolve();
  const openAs = (kind: { readOnly: boolean }): Promise<Opened> => {
    const now = switching.then(() => switchTo(kind));
    switching = now.catch(() => undefined);
    return now;
  };
  const services: Services = {
    options,
    remote: false,
    jobs: createJobs<Place>({ analysis: 1, scoring: 1, edit: 1, "exact-view": 1, download: 1, ...trainingPlaces }),
    hub: createEventHub(),
    keychain: options.keychain ?? systemKeychain(),
    open: () => {
      refuseClosed();
      opened ??= openNow();
      return opened;
    },
    peek: async () => opened?.catch(() => undefined),
    openAs,
    readOnly: () => readOnly,
    store: async () => (await services.open()).store,
    backend: () => {
      backend ??= openNativeBackend(options.threads);
      return backend;
    },
    editBackend: () => {
      editBackend ??= openNativeEditBackend(options.threads);
      return editBackend;
    },
  };
  const close = async (): Promise<void> => {
    closed = true;
    await switching;
    const parts = await opened?.catch(() => undefined);
    parts?.training.leave();
    await parts?.queue.stop();
    services.hub.close();
    if (parts) await closeParts(parts);
  };
  return { ...services, close };
}

async function closeParts({ queue, evaluation, store, workspace }: Opened): Promise<void> {
  await queue.stop();
  await evaluation.scorers.drop();
  await store.close();
  workspace.release();
}

async function openWorkspaceOf(services: Services): Promise<Opened> {
  return openIn(await openWorkspace(services.options.workspace), services, undefined);
}

/** Fine-tunes wait for devices, not for each other. */
const trainingPlaces = { training: 64, sweep: 8 };

/** A copy that was taken in an unlucky moment cannot be read; the next one can. */
const copyTries = 3;

async function openCopyOf(services: Services): Promise<Opened> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openIn(await copyWorkspace(services.options.workspace), services, new Date().toISOString());
    } catch (thrown) {
      if (attempt === copyTries || toDeltaScopeError(thrown).code !== "store.failed") throw thrown;
    }
  }
}

async function openIn(workspace: Workspace, services: Services, copiedAt: string | undefined): Promise<Opened> {
  let store: Store | undefined;
  try {
    store = await openStore(workspace.database, { copy: copiedAt !== undefined });
    const { hub, jobs } = services;
    const library = createLibrary({ store, publish: (items) => hub.publish({ type: "library", items }) });
    const training = await openTrainingParts(services, { store, library, workspace });
    const interrupted = await interruptedJobs(store);
    const open = jobWorks(services, { store, library, training });
    return {
      workspace,
      store,
      library,
      training,
      queue: createJobQueue({
        ...{ jobs, open, interrupted, publish: hub.publish },
        ...{ keepOrder: keepJobOrder(store), keepPaused: keepPausedJobs(store) },
      }),
      tests: createTestedModules(store),
      evaluation: createEvaluationMemory(),
      places: createPlaces(store, workspace.folder, services.options.roots),
      copiedAt,
    };
  } catch (thrown) {
    await store?.close();
    workspace.release();
    throw thrown;
  }
}
