/** Fine-tunes with a stand-in for Python, and a store in memory. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type RunConfig, runConfig, type TrainingRun } from "../../src/contract/domain/training.ts";
import { toDeltaScopeError } from "../../src/contract/errors.ts";
import { openNativeBackend } from "../../src/engine/linalg/native-backend.ts";
import type { TrainingRecord } from "../../src/engine/store/trainings.ts";
import { createDeviceLocks } from "../../src/engine/training/runs/device-lock.ts";
import type { TrainingServices } from "../../src/engine/training/runs/services.ts";
import { createTrainings, type Trainings } from "../../src/engine/training/runs/trainings.ts";
import { type FakeRun, fakeTrainer } from "./fake-run.ts";
import { temporaryFolder } from "./folders.ts";

export const demoFolder = join(import.meta.dirname, "../../demo");

export interface TrainingBench {
  folder: string;
  services: TrainingServices;
  trainings: Trainings;
  told: TrainingRun[];
  kept: string[];
  /** What was remembered of finished runs. */
  peaks: { batch: number | "auto"; sharding: string; bytes: number }[];
  stored: Map<string, TrainingRecord>;
  /** Trains to the end as a job would; answers the run as it ended. */
  train(id: string, signal?: AbortSignal, device?: string): Promise<TrainingRun>;
}

export function configNamed(name: string, changes: object = {}): RunConfig {
  const base = { path: join(demoFolder, "base") };
  const data = { files: [{ path: "/data.jsonl", format: "alpaca" as const }] };
  return runConfig.parse({ run_id: name, base, data, device: "cpu", ...changes });
}

export async function trainingBench(run: FakeRun, changes: Partial<TrainingServices> = {}): Promise<TrainingBench> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "bin"));
  const python = fakeTrainer(join(folder, "bin"), run);
  const stored = new Map<string, TrainingRecord>();
  const told: TrainingRun[] = [];
  const kept: string[] = [];
  const peaks: TrainingBench["peaks"] = [];
  const services: TrainingServices = {
    store: {
      putTraining: async (record) => void stored.set(record.run.id, structuredClone(record)),
      trainings: async () => [...stored.values()],
    },
    folder: join(folder, "runs"),
    resolve: async (question) => {
      const recipe = "recipe" in question ? question.recipe : {};
      const config = configNamed("quick", recipe);
      return {
        config,
        values: {},
        recipe,
        preset: null,
        differs: [],
        sources: {},
        problems: [],
        missing: [],
        text: "",
      };
    },
    python: async () => python,
    devices: async () => ["cpu"],
    locks: createDeviceLocks(join(folder, "locks")),
    unattended: async () => false,
    backend: () => openNativeBackend(1),
    turn: (work, signal) => work(signal),
    keepPeak: async (config, bytes) =>
      void peaks.push({ batch: config.batch.device, sharding: config.sharding, bytes }),
    publish: (one) => void told.push(one),
    keep: async ({ label, path }) => void kept.push(`${label} ${path}`),
    ...changes,
  };
  const trainings = await createTrainings(services);
  const train = async (id: string, signal = new AbortController().signal, device?: string): Promise<TrainingRun> => {
    const { state, error } = await endOf(trainings, id, signal, device);
    await trainings.ended(id, state, error);
    return trainings.find(id);
  };
  return { folder, services, trainings, told, kept, peaks, stored, train };
}

async function endOf(trainings: Trainings, id: string, signal: AbortSignal, device: string | undefined) {
  try {
    for await (const _ of trainings.execute(id, signal, { device }));
    return { state: "finished", error: null } as const;
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    if (error.code !== "job.cancelled") return { state: "failed", error: error.toDocument() } as const;
    return { state: "paused", error: null } as const;
  }
}
