/** Paths that a caller of another process names must lie in folders that may be opened. */
import type { AnalysisSpec } from "../../contract/domain/analysis.ts";
import type { Services } from "./services.ts";

/** @throws DeltaScopeError `place.not-allowed` */
export async function checkPlaces(context: Services, paths: readonly string[]): Promise<void> {
  if (context.remote) await (await context.open()).places.check(paths);
}

export function pathsOf({ base, tuned }: AnalysisSpec): string[] {
  return [...(base === undefined ? [] : [base]), ...tuned.map(({ path }) => path)];
}
