/** Questions about fine-tunes; the event `training` makes those about runs be asked again. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { RunConfig, SweepSpec } from "../../src/contract/domain/training.ts";
import type { EngineClient } from "./engine.ts";

export const presetsQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["training-presets"], queryFn: () => engine.training.presets() });

export const environmentQuery = (engine: EngineClient) =>
  queryOptions({
    queryKey: ["training-environment"],
    queryFn: () => engine.training.environment({}),
    retry: false,
  });

/** A recipe with everything filled in; while another one is resolved, the last answer stays. */
export const resolveQuery = (engine: EngineClient, recipe: Readonly<Record<string, unknown>>) =>
  queryOptions({
    queryKey: ["training-resolve", recipe],
    queryFn: () => engine.training.resolve({ recipe: { ...recipe } }),
    placeholderData: keepPreviousData,
    retry: false,
  });

/** The name of a run changes nothing about its data or its memory. */
function identity({ run_id: _id, name: _name, tags: _tags, ...rest }: RunConfig) {
  return rest;
}

export const previewQuery = (engine: EngineClient, config: RunConfig | undefined) =>
  queryOptions({
    queryKey: ["training-preview", config && identity(config)],
    queryFn: () => engine.training.preview(config as RunConfig),
    enabled: config !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });

export const estimateQuery = (engine: EngineClient, config: RunConfig | undefined) =>
  queryOptions({
    queryKey: ["training-estimate", config && identity(config)],
    queryFn: () => engine.training.estimate(config as RunConfig),
    enabled: config !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });

export const trainingRunsQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["training-runs"], queryFn: () => engine.training.runs() });

/** Another program tells nobody when it gives a device back: runs that wait are asked again, in milliseconds. */
const waitingPause = 3000;

export const trainingRunQuery = (engine: EngineClient, run: string) =>
  queryOptions({
    queryKey: ["training-run", run],
    queryFn: () => engine.training.run({ run }),
    refetchInterval: ({ state }) => (state.data?.run.state === "queued" ? waitingPause : false),
    retry: false,
  });

export const trainingLogQuery = (engine: EngineClient, run: string) =>
  queryOptions({ queryKey: ["training-log", run], queryFn: () => engine.training.log({ run }), retry: false });

export const sweepsQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["sweeps"], queryFn: () => engine.training.sweeps() });

export const sweepQuery = (engine: EngineClient, sweep: string) =>
  queryOptions({ queryKey: ["sweep", sweep], queryFn: () => engine.training.sweep({ sweep }), retry: false });

/** The grid of a sweep before it starts. */
export const sweepPlanQuery = (engine: EngineClient, sweep: SweepSpec | undefined) =>
  queryOptions({
    queryKey: ["sweep-plan", sweep],
    queryFn: () => engine.training.plan({ sweep: sweep as SweepSpec }),
    enabled: sweep !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
