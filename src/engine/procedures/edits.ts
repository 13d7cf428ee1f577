/** Procedures on edits. */
import { procedures } from "./base.ts";
import { missingPart } from "./missing-part.ts";
import { checkPlaces, placesOfEdit } from "./places.ts";

export const edits = {
  run: procedures.edits.run.handler(async ({ input, context }) => {
    await checkPlaces(context, placesOfEdit(input));
    return missingPart("edits.run");
  }),
  geometry: procedures.edits.geometry.handler(() => missingPart("edits.geometry")),
  arms: procedures.edits.arms.handler(() => missingPart("edits.arms")),
};
