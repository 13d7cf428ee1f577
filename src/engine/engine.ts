/** The only door to the engine: implements the contract over a workspace that is opened when first needed. */
import { join } from "node:path";
import type { ContractRouterClient } from "@orpc/contract";
import { createRouterClient, implement } from "@orpc/server";
import { type Contract, contract } from "../contract/api.ts";
import { DeltaScopeError } from "../contract/errors.ts";
import { runAnalysis } from "./analysis/run.ts";
import { type Connect, connector } from "./connect.ts";
import { copyDemo } from "./demo/demo.ts";
import { runDoctor } from "./doctor/doctor.ts";
import { inspect } from "./inspect.ts";
import { createJobs, type Jobs } from "./jobs/jobs.ts";
import type { Backend } from "./linalg/backend.ts";
import { openNativeBackend } from "./linalg/native-backend.ts";
import { exportAnalysis } from "./report/export.ts";
import { comparisonDocument, storedDocument } from "./report/stored-document.ts";
import { openStore } from "./store/open-store.ts";
import type { Store } from "./store/types.ts";
import { openWorkspace, type Workspace } from "./workspace/workspace.ts";

export interface EngineOptions {
  /** Folder of the workspace; the user's default one when left out. */
  workspace?: string | undefined;
  /** Threads of the numeric crate; all cores when left out. */
  threads?: number | undefined;
  /** Folders that callers over a transport may open; the user's home folder when left out. */
  roots?: readonly string[] | undefined;
}

export interface Engine {
  /** Typed client of the contract, in this process. */
  client: ContractRouterClient<Contract>;
  /** Answers a caller in another process, over whatever carries messages. */
  connect: Connect;
  /** Closes the store and gives the workspace's lock back. */
  close(): Promise<void>;
}

/** What procedures work with; workspace and backend come to life when a procedure first asks for them. */
interface Services {
  store(): Promise<Store>;
  workspace(): Promise<Workspace>;
  backend(): Backend;
  /** One analysis at a time: each of them fills the threads it is given. */
  jobs: Jobs<"analysis">;
  options: EngineOptions;
}

export function openEngine(options: EngineOptions = {}): Engine {
  const services = lazyServices(options);
  const client = createRouterClient(router, { context: services });
  return { client, connect: connector(router, services), close: services.close };
}

const procedures = implement(contract).$context<Services>();

const router = procedures.router({
  inspect: procedures.inspect.handler(({ input }) => inspect(input.path)),
  analysis: {
    run: procedures.analysis.run.handler(async function* ({ input, context, signal }) {
      const services = { backend: context.backend(), store: await context.store() };
      yield* context.jobs.runJob("analysis", (job) => runAnalysis(input, services, job.signal), { signal });
    }),
    document: procedures.analysis.document.handler(async ({ input, context }) =>
      storedDocument(await context.store(), input.analysis),
    ),
    export: procedures.analysis.export.handler(async ({ input, context }) =>
      exportAnalysis(await context.store(), input),
    ),
  },
  runs: {
    list: procedures.runs.list.handler(async ({ context }) => (await context.store()).listRuns()),
    compare: procedures.runs.compare.handler(async ({ input, context }) =>
      comparisonDocument(await context.store(), input.runs),
    ),
  },
  demo: procedures.demo.handler(async ({ input, context }) =>
    copyDemo(input.folder ?? join((await context.workspace()).folder, "demo")),
  ),
  doctor: procedures.doctor.handler(({ context }) => runDoctor(context.options.workspace)),
});

function lazyServices(options: EngineOptions): Services & { close(): Promise<void> } {
  let opened: Promise<{ workspace: Workspace; store: Store }> | undefined;
  let backend: Backend | undefined;
  let closed = false;
  const open = () => {
    if (closed) throw new DeltaScopeError("internal", "The engine was closed.");
    opened ??= openStored(options.workspace);
    return opened;
  };
  return {
    options,
    jobs: createJobs({ analysis: 1 }),
    store: async () => (await open()).store,
    workspace: async () => (await open()).workspace,
    backend: () => {
      backend ??= openNativeBackend(options.threads);
      return backend;
    },
    close: async () => {
      closed = true;
      const both = await opened?.catch(() => undefined);
      await both?.store.close();
      both?.workspace.release();
    },
  };
}

async function openStored(folder: string | undefined): Promise<{ workspace: Workspace; store: Store }> {
  const workspace = await openWorkspace(folder);
  try {
    return { workspace, store: await openStore(workspace.database) };
  } catch (thrown) {
    workspace.release();
    throw thrown;
  }
}
