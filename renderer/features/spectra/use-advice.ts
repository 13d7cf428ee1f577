/** Rank advice on the reference run: asked when the view is shown, kept while its assumptions change. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { AppRun } from "../../../src/contract/domain/cells.ts";
import type { AdviceDocument, RankMap } from "../../../src/contract/domain/theory.ts";
import { useEngine } from "../../client/engine.ts";
import { adviceQuery, rankMapQuery } from "../../client/theory-queries.ts";
import { mapPlaces, referenceRun, usualAdvice } from "./model/advice.ts";
import type { SpectraModel } from "./use-spectra.ts";

export interface AdviceModel {
  run: AppRun | undefined;
  n: number;
  rho: number;
  advice: AdviceDocument | undefined;
  map: RankMap | undefined;
  stale: boolean;
  error: unknown;
}

export function useAdvice({ spectra, search }: SpectraModel): AdviceModel {
  const engine = useEngine();
  const run = referenceRun(spectra, search.ref);
  const { n = usualAdvice.n, rho = usualAdvice.rho } = search;
  // Rows arrive while a run is measured; its advice waits for the last one.
  const source = run && run.modules >= run.total ? { run: run.analysis } : undefined;
  const advice = useQuery(adviceQuery(engine, source && { source, n, rho }));
  const places = useMemo(() => mapPlaces(n), [n]);
  const map = useQuery(rankMapQuery(engine, source && { source, ...places }));
  return {
    ...{ run, n, rho },
    advice: source && advice.data,
    map: source && map.data,
    stale: advice.isPlaceholderData,
    error: advice.error ?? map.error,
  };
}
