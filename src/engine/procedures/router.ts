/** All procedures of the contract. */
import { join } from "node:path";
import type { Router } from "@orpc/server";
import type { Contract } from "../../contract/api.ts";
import type { AnalysisDocument } from "../../contract/domain/analysis.ts";
import { runAnalysis } from "../analysis/run.ts";
import { copyDemo } from "../demo/demo.ts";
import { runDoctor } from "../doctor/doctor.ts";
import { exportAnalysis } from "../report/export.ts";
import { storedDocument } from "../report/stored-document.ts";
import { collectParts } from "../shards/collect.ts";
import { runShard } from "../shards/shard.ts";
import { audit } from "./audit.ts";
import { procedures } from "./base.ts";
import { edits } from "./edits.ts";
import { evaluation } from "./evaluation.ts";
import { hub, inspectAnywhere } from "./hub.ts";
import { inspector } from "./inspector.ts";
import { events, jobs } from "./jobs.ts";
import { library } from "./library.ts";
import { withOldTasks } from "./old-tasks.ts";
import { checkPlaces, placesOfAnalysis } from "./places.ts";
import { report } from "./report.ts";
import { runs } from "./runs.ts";
import type { Services } from "./services.ts";
import { readSettings } from "./settings.ts";
import { theory } from "./theory.ts";
import { trainingRuns } from "./training-runs.ts";
import { trainingSetup } from "./training-setup.ts";
import { workspace } from "./workspace.ts";

const analysis = {
  run: procedures.analysis.run.handler(async function* ({ input, context, signal }) {
    await checkPlaces(context, placesOfAnalysis(input));
    const services = { backend: context.backend(), store: await context.store() };
    yield* context.jobs.runJob("analysis", (job) => runAnalysis(input, services, job.signal), { signal });
  }),
  shard: procedures.analysis.shard.handler(async function* ({ input, context, signal }) {
    const { sources, files } = placesOfAnalysis(input.spec);
    await checkPlaces(context, { sources, files: [...files, input.folder] });
    const services = { backend: context.backend(), store: await context.store() };
    yield* context.jobs.runJob("analysis", (job) => runShard(input, services, job.signal), { signal });
  }),
  collect: procedures.analysis.collect.handler(async function* ({ input, context, signal }) {
    await checkPlaces(context, { files: input.parts });
    const store = await context.store();
    try {
      yield* context.jobs.runJob("analysis", (job) => collectParts(input.parts, store, job.signal), { signal });
    } finally {
      context.hub.publish({ type: "runs-changed" });
    }
  }),
  document: procedures.analysis.document.handler(async ({ input, context, signal }) =>
    withOldTasks(await storedDocument(await context.store(), input.analysis), context, signal),
  ),
  export: procedures.analysis.export.handler(async ({ input, context, signal }) => {
    await checkPlaces(context, { files: [input.file] });
    const complete = (document: AnalysisDocument) => withOldTasks(document, context, signal);
    return exportAnalysis(await context.store(), input, complete);
  }),
};

export const router: Router<Contract, Services> = procedures.router({
  inspect: procedures.inspect.handler(async ({ input, context, signal }) => {
    await checkPlaces(context, { sources: [input.path] });
    return inspectAnywhere(input.path, context, signal ?? new AbortController().signal);
  }),
  analysis,
  runs,
  report,
  inspector,
  evaluation,
  audit,
  edits,
  library,
  hub,
  jobs,
  events,
  theory,
  training: { ...trainingSetup, ...trainingRuns },
  workspace,
  demo: procedures.demo.handler(async ({ input, context }) => {
    if (input.folder !== undefined) await checkPlaces(context, { files: [input.folder] });
    return copyDemo(input.folder ?? join((await context.open()).workspace.folder, "demo"));
  }),
  doctor: procedures.doctor.handler(async ({ context }) => {
    // The doctor may not open a workspace, which another process may hold; an open one knows the user's Python.
    const store = (await context.peek())?.store;
    const python = store === undefined ? undefined : (await readSettings(store)).python;
    return runDoctor(context.options.workspace, python ?? undefined);
  }),
});
