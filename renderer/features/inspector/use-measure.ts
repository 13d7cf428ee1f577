/** Queues the measurement of the module on screen; results arrive as events. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { exactNames } from "../../../src/contract/command-line.ts";
import type { AnalysisSettings, AnalysisSpec } from "../../../src/contract/domain/analysis.ts";
import type { Job } from "../../../src/contract/domain/job.ts";
import { useEngine } from "../../client/engine.ts";
import { announce } from "../../widgets/announce.ts";
import type { Place } from "./use-place.ts";

export interface Measure {
  start: (settings: Partial<Pick<AnalysisSettings, "exact" | "side">>) => void;
  busy: boolean;
  started: boolean;
  error: unknown;
}

export function useMeasure(place: Place): Measure {
  const engine = useEngine();
  const queries = useQueryClient();
  const job = useMutation({
    mutationFn: (spec: AnalysisSpec) => engine.jobs.start({ kind: "analysis", spec }),
    onSuccess: (queued) => {
      queries.setQueryData<Job[]>(["jobs"], (jobs = []) => [...jobs.filter(({ id }) => id !== queued.id), queued]);
      announce(`${queued.title} is queued.`);
    },
  });
  return {
    start: (settings) => {
      const spec = specOf(place, settings);
      if (spec) job.mutate(spec);
    },
    busy: job.isPending,
    started: job.isSuccess,
    error: job.error,
  };
}

function specOf({ run, row, address, settings }: Place, changes: Partial<AnalysisSettings>): AnalysisSpec | undefined {
  if (!run) return undefined;
  const name = row?.name ?? address.name;
  return {
    base: run.base.path,
    tuned: [{ label: run.label, path: run.path }],
    settings: {
      ...{ k: run.k, epsilon: run.epsilon, side: run.side },
      ...{ quick: false, exact: false, asMerged: run.asMerged, seed: 0 },
      ...changes,
    },
    // The names of a layer's modules differ between architectures; layer and kind always stand in them.
    modules: name === undefined ? kindPattern(address.layer ?? "", address.kind ?? settings.side) : exactNames([name]),
    embeddings: false,
  };
}

function kindPattern(layer: string, kind: string): string {
  return `(?:^|\\.)${escaped(layer)}\\.(?:.*\\.)?${escaped(kind)}$`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
