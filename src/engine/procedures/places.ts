/** Paths that a caller of another process names must lie in folders that may be opened. */
import type { AnalysisSpec } from "../../contract/domain/analysis.ts";
import type { Services } from "./services.ts";

/** @throws DeltaScopeError `place.not-allowed` */
export async function checkPlaces(context: Services, paths: readonly string[]): Promise<void> {
  if (!context.remote) return;
  const { places } = await context.open();
  for (const path of paths) await places.check(path);
}

export function pathsOf({ base, tuned }: AnalysisSpec): string[] {
  return [...(base === undefined ? [] : [base]), ...tuned.map(({ path }) => path)];
}
