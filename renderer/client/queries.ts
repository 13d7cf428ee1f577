/** Every question that views ask the engine, as TanStack Query options: one key, one call, one place. */
import { queryOptions } from "@tanstack/react-query";
import type { EngineClient } from "./engine.ts";

export const libraryQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["library"], queryFn: () => engine.library.list() });

export const runsQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["runs"], queryFn: () => engine.runs.all() });

export const rowsQuery = (engine: EngineClient, runs: readonly string[]) =>
  queryOptions({
    queryKey: ["rows", ...runs],
    queryFn: () => engine.runs.rows({ runs: [...runs] }),
    enabled: runs.length > 0,
  });

export type FindingsQuestion = Parameters<EngineClient["runs"]["findings"]>[0];

export const findingsQuery = (engine: EngineClient, question: FindingsQuestion) =>
  queryOptions({
    queryKey: ["findings", question],
    queryFn: () => engine.runs.findings(question),
    enabled: question.runs.length > 0,
  });

export const moduleQuery = (engine: EngineClient, run: string, name: string) =>
  queryOptions({ queryKey: ["module", run, name], queryFn: () => engine.runs.module({ run, name }) });

export const energyCurvesQuery = (engine: EngineClient, runs: readonly string[], kinds?: readonly string[]) =>
  queryOptions({
    queryKey: ["energy-curves", runs, kinds],
    queryFn: () => engine.runs.energyCurves({ runs: [...runs], kinds: kinds && [...kinds] }),
    enabled: runs.length > 0,
  });

export const runDetailsQuery = (engine: EngineClient, run: string) =>
  queryOptions({ queryKey: ["run-details", run], queryFn: () => engine.runs.details({ run }) });

export const cosineMapQuery = (engine: EngineClient, run: string, name: string, side: "left" | "right") =>
  queryOptions({
    queryKey: ["cosine-map", run, name, side],
    queryFn: () => engine.inspector.stored({ run, name, side }),
  });

export const jobsQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["jobs"], queryFn: () => engine.jobs.list() });

export const pinsQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["pins"], queryFn: () => engine.report.pins.list() });

export const settingsQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["settings"], queryFn: () => engine.workspace.settings() });

export const workspaceQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["workspace"], queryFn: () => engine.workspace.info() });

export const cacheQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["cache"], queryFn: () => engine.workspace.cache(), staleTime: 0 });

export const hubTokenQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["hub-token"], queryFn: () => engine.hub.token.status(), staleTime: 0 });

export const doctorQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["doctor"], queryFn: () => engine.doctor() });
