/** Procedures on jobs, and the stream of everything that changes. */
import type { Greeting } from "../jobs/event-hub.ts";
import type { NamedPlaces } from "../library/places.ts";
import { procedures } from "./base.ts";
import { checkScoringPlaces, placesOfQuestion } from "./places.ts";
import { resumeTrainings } from "./resume-trainings.ts";
import { begunQuestion, endPaused } from "./training-parts.ts";
import { checkTrainingPlaces } from "./training-places.ts";

export const jobs = {
  list: procedures.jobs.list.handler(async ({ context }) => (await context.open()).queue.list()),
  start: procedures.jobs.start.handler(async ({ input, context }) => {
    const check = input.kind === "training" || input.kind === "sweep" ? checkTrainingPlaces : checkScoringPlaces;
    await check(context, placesOfQuestion(input));
    const { queue, training } = await context.open();
    const permit = (named: NamedPlaces) => checkTrainingPlaces(context, named);
    return queue.start(await begunQuestion(input, training, permit));
  }),
  cancel: procedures.jobs.cancel.handler(async ({ input, context }) => {
    const { queue, training } = await context.open();
    const job = await queue.cancel(input.job);
    await endPaused(job, training);
    return job;
  }),
  pause: procedures.jobs.pause.handler(async ({ input, context }) => (await context.open()).queue.pause(input.job)),
  resume: procedures.jobs.resume.handler(async ({ input, context }) => (await context.open()).queue.resume(input.job)),
  move: procedures.jobs.move.handler(async ({ input, context }) =>
    (await context.open()).queue.move(input.job, input.before),
  ),
  clear: procedures.jobs.clear.handler(async ({ input, context }) => (await context.open()).queue.clear(input.jobs)),
};

const changes = (["runs-changed", "scores-changed", "pins-changed"] as const).map((type) => ({ type }));

export const events = procedures.events.handler(async function* ({ context, signal }) {
  const opened = await context.open();
  const { queue, library } = opened;
  if (context.remote) await resumeTrainings(opened);
  const greet: Greeting = async (missed) => [
    { type: "hello", jobs: queue.list() },
    ...(missed ? [{ type: "library" as const, items: await library.list() }, ...changes] : []),
  ];
  yield* context.hub.listen(greet, signal);
});
