/** Paths of a fine-tune that a caller of another process names; what comes with the program may be read by anyone. */
import type { RunConfig } from "../../contract/domain/training.ts";
import { bundledDemo } from "../demo/demo.ts";
import { isWithin, type NamedPlaces, resolveLinks } from "../library/places.ts";
import { recipesFolder } from "../training/recipes/presets.ts";
import { checkPlaces } from "./places.ts";
import type { Services } from "./services.ts";

/** @throws DeltaScopeError `place.not-allowed` */
export async function checkTrainingPlaces(context: Services, named: NamedPlaces): Promise<void> {
  if (!context.remote) return;
  const [sources, files] = await Promise.all([withoutOurs(named.sources), withoutOurs(named.files)]);
  await checkPlaces(context, { sources, files });
}

async function withoutOurs(paths: readonly string[]): Promise<string[]> {
  const ours = await Promise.all([bundledDemo, recipesFolder].map(resolveLinks));
  const kept = paths.map(async (path) => {
    const real = await resolveLinks(path);
    return ours.some((folder) => isWithin(real, folder)) ? [] : [path];
  });
  return (await Promise.all(kept)).flat();
}

/** Everything that a run reads. */
export function placesOfRun({ base, data, eval: evaluation }: RunConfig): NamedPlaces {
  return { sources: [base.path], files: [...data.files.map(({ path }) => path), ...evaluation.tasks] };
}
