/** Procedures on stored runs. */
import type { AnalysisDocument } from "../../contract/domain/analysis.ts";
import type { AppRun } from "../../contract/domain/cells.ts";
import { comparisonDocument } from "../report/stored-document.ts";
import { listAppRuns } from "../views/app-runs.ts";
import { renderRuns } from "../views/render-runs.ts";
import { chooseRuns, energyCurvesOf, findingsOf, runDetails, storedModule } from "../views/stored-runs.ts";
import { procedures } from "./base.ts";
import { withOldTasks } from "./old-tasks.ts";
import type { Services } from "./services.ts";

export const runs = {
  list: procedures.runs.list.handler(async ({ context }) => (await context.store()).listRuns()),
  compare: procedures.runs.compare.handler(async ({ input, context, signal }) =>
    withOldTasks(await comparisonDocument(await context.store(), input.runs), context, signal),
  ),
  all: procedures.runs.all.handler(({ context }) => allRuns(context)),
  rows: procedures.runs.rows.handler(async ({ input, context }) => {
    const chosen = chooseRuns(await allRuns(context), input.runs);
    return (await context.store()).cells(chosen.map(({ analysis }) => analysis));
  }),
  findings: procedures.runs.findings.handler(async ({ input, context }) => {
    const { tests, store } = await context.open();
    const measures = { tests, vectors: (analysis: string) => store.vectors(analysis) };
    return findingsOf(measures, chooseRuns(await allRuns(context), input.runs), input);
  }),
  module: procedures.runs.module.handler(async ({ input, context }) =>
    storedModule(await context.store(), input.run, input.name),
  ),
  energyCurves: procedures.runs.energyCurves.handler(async ({ input, context }) =>
    energyCurvesOf(await context.store(), chooseRuns(await allRuns(context), input.runs), input.kinds),
  ),
  details: procedures.runs.details.handler(async ({ input, context }) =>
    runDetails(await context.store(), await allRuns(context), input.run),
  ),
  render: procedures.runs.render.handler(async ({ input, context, signal }) => {
    const { store, workspace } = await context.open();
    const services = {
      ...{ store, folder: workspace.cache },
      complete: (document: AnalysisDocument) => withOldTasks(document, context, signal),
    };
    return renderRuns(services, chooseRuns(await allRuns(context), input.runs), input.format);
  }),
};

async function allRuns(context: Services): Promise<AppRun[]> {
  const { store, queue } = await context.open();
  return listAppRuns(store, queue.states());
}
