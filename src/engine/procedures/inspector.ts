/** Procedures on exact views. */
import { computeExactView, storedExactView } from "../views/exact-view.ts";
import { findRun } from "../views/stored-runs.ts";
import { procedures } from "./base.ts";
import { readSettings } from "./settings.ts";

export const inspector = {
  stored: procedures.inspector.stored.handler(async ({ input, context }) => {
    const store = await context.store();
    const { record } = await findRun(store, input.run);
    return (await storedExactView(store, { analysis: record.id, name: input.name, side: input.side })) ?? null;
  }),
  compute: procedures.inspector.compute.handler(async ({ input, context, signal }) => {
    const store = await context.store();
    const { record } = await findRun(store, input.run);
    const backend = context.backend();
    const threads = Math.min((await readSettings(store)).threads ?? backend.threads, backend.threads);
    const services = { store, backend, threads, jobs: context.jobs };
    return computeExactView(record, { name: input.name, side: input.side }, services, signal);
  }),
};
