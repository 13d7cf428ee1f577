/** What the Fine-tune views ask of an engine: one preset, one device, data of ten rows. */
import { type Mock, vi } from "vitest";
import type { Job } from "../../src/contract/domain/job.ts";
import {
  type DataPreview,
  type Preset,
  type RecipeResolution,
  type RunConfig,
  runConfig,
  type TrainingEnvironment,
} from "../../src/contract/domain/training.ts";
import { openEmptyWorkspace } from "./demo-data.ts";
import { fakeClient } from "./fake-client.ts";

const { client: empty } = openEmptyWorkspace();

const preset: Preset = {
  ...{ name: "quick-demo", title: "Quick demo", description: "A tiny base.", reference: null, rates: {} },
  ...{ values: { lora: { rank: 4 } }, sources: { "lora.rank": "paper" } },
};
export const device = { id: "cpu", name: "CPU", kind: "cpu" as const, memoryBytes: 8e9, freeBytes: 6e9, bf16: false };
export const ready: TrainingEnvironment = {
  ...{ python: "/usr/bin/python3", managed: false, ready: true, packages: { torch: "2.15.0" } },
  ...{ devices: [device], problems: [] },
};

export function configOf(recipe: Readonly<Record<string, unknown>>): RunConfig {
  const { preset: _preset, ...own } = recipe;
  return runConfig.parse({
    run_id: "proposal",
    base: { path: "/models/base" },
    data: { files: [{ path: "/data/train.jsonl", format: "alpaca" }] },
    lora: { rank: 4 },
    ...own,
  });
}

const preview: DataPreview = {
  ...{ rows: 10, training: 9, validation: 1, steps: 4, cutShare: 0, labels: [], histogram: [{ upTo: 16, rows: 10 }] },
  tokens: { median: 8, p95: 9, maximum: 9, answers: 2 },
  checks: [],
  examples: [
    {
      ...{ key: "a", line: 3, cut: false, flippedFrom: null },
      tokens: [
        { text: "Question", id: 1, trained: false },
        { text: "\u202Eevil", id: 2, trained: false },
        { text: "Yes", id: 3, trained: true },
        { text: "<|end|>", id: 4, trained: true },
      ],
    },
  ],
};

export interface Given {
  problems?: RecipeResolution["problems"];
  environment?: TrainingEnvironment;
  jobs?: Parameters<typeof fakeClient>[0]["jobs"];
}

interface TrainingEngine {
  client: ReturnType<typeof fakeClient>;
  /** Every job that was started. */
  start: Mock<(question: unknown) => Job>;
}

export function trainingEngine({ problems = [], environment = ready, jobs = {} }: Given = {}): TrainingEngine {
  const start = vi.fn((_question: unknown) => ({
    ...{ id: "job-1", title: "Fine-tune", state: "queued" as const, progress: null, error: null, note: null },
    ...{ queuedAt: "2026-11-22T10:00:00.000Z", finishedAt: null, analyses: [], failures: [] },
    question: { kind: "training" as const, spec: { run: "run-1" } },
  }));
  const client = fakeClient(
    {
      jobs: { start, list: () => [], ...jobs },
      training: {
        presets: () => [preset],
        environment: () => environment,
        resolve: (asked) => {
          const recipe = "recipe" in asked ? asked.recipe : {};
          const differs = Object.keys(recipe).includes("lora") ? ["lora.rank"] : [];
          return {
            ...{
              config: configOf(recipe),
              values: configOf(recipe),
              recipe,
              preset: "quick-demo",
              differs,
              problems,
              missing: [],
              text: "",
            },
            sources: { "lora.rank": differs.length > 0 ? "recipe" : "paper", seed: "ours" },
          };
        },
        preview: () => preview,
        estimate: () => ({
          ...{ method: "lora", parts: { weights: 4e9, optimizer: 3e9 }, totalBytes: 7e9, device, fits: false },
          ...{ range: { low: 6e9, high: 8e9 }, measured: 0, disk: { neededBytes: 1e9, freeBytes: 5e9 } },
          remedy: { text: "Rank 2 needs 5 GB.", values: { lora: { rank: 2 } } },
          others: [{ method: "full", parts: { weights: 6e9, peak: 3e9 }, totalBytes: 9e9 }],
        }),
        runs: () => [],
        sweeps: () => [],
        plan: ({ sweep }) => ({
          disk: { neededBytes: 1e9, freeBytes: 5e9 },
          cells: (sweep.axes.variants ?? []).flatMap((_, variant) =>
            (sweep.axes.seed ?? [1]).map((seed) => ({
              ...{
                sha: `${variant}-${seed}`,
                variant: variant === 0 ? "full" : "lora-r4",
                seed,
                noise: 0,
                subset: null,
              },
              ...{ learningRate: 1e-4, run: null, accuracy: null, oldTasks: null, intruders: null },
              ...{ effectiveRank: null, validationLoss: null },
            })),
          ),
        }),
      },
    },
    empty,
  );
  return { client, start };
}
