/** Procedures on audits. */
import { procedures } from "./base.ts";
import { missingPart } from "./missing-part.ts";
import { checkPlaces, placesOfAudit } from "./places.ts";

export const audit = {
  run: procedures.audit.run.handler(async ({ input, context }) => {
    await checkPlaces(context, placesOfAudit(input));
    return missingPart("audit.run");
  }),
  plan: procedures.audit.plan.handler(async ({ input, context }) => {
    await checkPlaces(context, placesOfAudit(input));
    return missingPart("audit.plan");
  }),
  stored: procedures.audit.stored.handler(async ({ input, context }) => {
    await checkPlaces(context, placesOfAudit(input));
    return missingPart("audit.stored");
  }),
  questions: procedures.audit.questions.handler(() => missingPart("audit.questions")),
  item: procedures.audit.item.handler(async ({ input, context }) => {
    await checkPlaces(context, placesOfAudit(input));
    return missingPart("audit.item");
  }),
};
