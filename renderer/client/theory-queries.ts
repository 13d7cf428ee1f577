/** Questions of the Theory lab and of rank advice. A superseded question is cancelled, its last answer stays shown. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { EngineClient } from "./engine.ts";

type Ask<Name extends "risk" | "sweep" | "advise" | "measured" | "rankMap"> = Parameters<
  EngineClient["theory"][Name]
>[0];

/** Answers never change: the same question has the same numbers. */
const forever = { staleTime: Number.POSITIVE_INFINITY, retry: false } as const;

export const riskQuery = (engine: EngineClient, question: Ask<"risk"> | undefined) =>
  queryOptions({
    queryKey: ["theory-risk", question],
    queryFn: ({ signal }) => engine.theory.risk(question as Ask<"risk">, { signal }),
    enabled: question !== undefined,
    placeholderData: keepPreviousData,
    ...forever,
  });

export const sweepQuery = (engine: EngineClient, question: Ask<"sweep"> | undefined) =>
  queryOptions({
    queryKey: ["theory-sweep", question],
    queryFn: ({ signal }) => engine.theory.sweep(question as Ask<"sweep">, { signal }),
    enabled: question !== undefined,
    placeholderData: keepPreviousData,
    ...forever,
  });

/** Depends on what the workspace has measured. */
export const adviceQuery = (engine: EngineClient, question: Ask<"advise"> | undefined) =>
  queryOptions({
    queryKey: ["audit", "advice", question],
    queryFn: ({ signal }) => engine.theory.advise(question as Ask<"advise">, { signal }),
    enabled: question !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });

export const measuredOrderQuery = (engine: EngineClient, question: Ask<"measured"> | undefined) =>
  queryOptions({
    queryKey: ["audit", "measured-order", question],
    queryFn: ({ signal }) => engine.theory.measured(question as Ask<"measured">, { signal }),
    enabled: question !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });

export const rankMapQuery = (engine: EngineClient, question: Ask<"rankMap"> | undefined) =>
  queryOptions({
    queryKey: ["theory-rank-map", question],
    queryFn: ({ signal }) => engine.theory.rankMap(question as Ask<"rankMap">, { signal }),
    enabled: question !== undefined,
    ...forever,
  });

export const measuredSpectrumQuery = (engine: EngineClient, run: string | undefined, module: string | undefined) =>
  queryOptions({
    queryKey: ["theory-spectrum", run, module],
    queryFn: () => engine.theory.spectrum({ run: run ?? "", ...(module !== undefined && { module }) }),
    enabled: run !== undefined,
    ...forever,
  });
