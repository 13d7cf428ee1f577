/** Procedures on edits. */
import { runEdit } from "../edit/run.ts";
import { storedArms, storedGeometry } from "../edit/stored-run.ts";
import { findRun } from "../views/stored-runs.ts";
import { procedures } from "./base.ts";
import { checkPlaces, placesOfEdit } from "./places.ts";
import { scoringParts } from "./scoring.ts";

export const edits = {
  run: procedures.edits.run.handler(async function* ({ input, context, signal }) {
    await checkPlaces(context, placesOfEdit(input));
    const { edits: services } = await scoringParts(context);
    yield* context.jobs.runJob("edit", (job) => runEdit(input, services, job.signal), { signal });
  }),
  geometry: procedures.edits.geometry.handler(async ({ input, context, signal }) => {
    const { record } = await findRun(await context.store(), input.run);
    const { edits: services } = await scoringParts(context);
    return storedGeometry(record, input.modules, services, signal);
  }),
  arms: procedures.edits.arms.handler(async ({ input, context, signal }) => {
    const { record } = await findRun(await context.store(), input.run);
    const { edits: services } = await scoringParts(context);
    return storedArms(record, input.intervention, input.arms, services, signal);
  }),
};
