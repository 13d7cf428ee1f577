/** Paths of a fine-tune that a caller of another process names; what comes with the program may be read by anyone. */
import type { RunConfig } from "../../contract/domain/training.ts";
import type { NamedPlaces } from "../library/places.ts";
import { checkPlaces, withoutOurs } from "./places.ts";
import type { Services } from "./services.ts";

/** @throws DeltaScopeError `place.not-allowed` */
export async function checkTrainingPlaces(context: Services, named: NamedPlaces): Promise<void> {
  if (!context.remote) return;
  await checkPlaces(context, { sources: named.sources, files: await withoutOurs(named.files) });
}

/** Everything that a run reads. */
export function placesOfRun({ base, data, eval: evaluation }: RunConfig): NamedPlaces {
  return { sources: [base.path], files: [...data.files.map(({ path }) => path), ...evaluation.tasks] };
}
