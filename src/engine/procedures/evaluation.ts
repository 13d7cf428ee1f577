/** Procedures on evaluations. */
import { procedures } from "./base.ts";
import { missingPart } from "./missing-part.ts";
import { checkPlaces, placesOfEvaluation } from "./places.ts";

export const evaluation = {
  run: procedures.evaluation.run.handler(async ({ input, context }) => {
    await checkPlaces(context, placesOfEvaluation(input));
    return missingPart("evaluation.run");
  }),
  tasks: procedures.evaluation.tasks.handler(() => missingPart("evaluation.tasks")),
};
