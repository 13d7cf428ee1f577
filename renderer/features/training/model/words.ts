/** Runs, times and recipes in words. */
import {
  type DeviceHolder,
  type RunConfig,
  type TrainingRun,
  trainingMethod,
} from "../../../../src/contract/domain/training.ts";
import {
  formatCount,
  formatMoment,
  formatNumberOf,
  formatPercent,
  formatSeconds,
} from "../../../../src/contract/format.ts";
import { visibleText } from "../../../../src/contract/text.ts";
import type { Tone } from "../../../widgets/chip.tsx";
import { methodNames, textOf } from "./fields.ts";
import { valueAt } from "./recipe.ts";

export const stateTones: Record<TrainingRun["state"], Tone> = {
  queued: "plain",
  running: "accent",
  paused: "warn",
  stalled: "warn",
  finished: "ok",
  cancelled: "plain",
  failed: "bad",
};

/** Whether a run trains, or will when its turn comes. */
export function isUnderWay({ state }: Pick<TrainingRun, "state">): boolean {
  return state === "queued" || state === "running" || state === "stalled";
}

/** Why a run that waits has not begun: "waiting for cpu, which Ranks s1 has". */
export function waitingFor(holder: DeviceHolder | null): string {
  if (holder === null) return "waiting for its turn";
  const { device, run, process } = holder;
  if (process === null) return `waiting for ${device}, which ${run ? visibleText(run) : "another run"} has`;
  return `waiting for ${device}, which another DeltaScope has (process ${process.pid} on ${visibleText(process.host)})`;
}

/**
 * When it ended and how long it took; while it is under way, what the end of the app does to it, which was chosen when
 * it started. One that waits has that before it.
 */
export function endWords({ state, unattended, startedAt, finishedAt }: TrainingRun): string {
  if (state === "queued") return "";
  if (isUnderWay({ state }))
    return `when the app closes, this run ${unattended ? "keeps training" : "saves and stops"}`;
  if (startedAt === null || finishedAt === null) return "";
  return `${formatMoment(finishedAt)} · took ${formatSeconds((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000)}`;
}

/** The last part of a path, for files and folders of either system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== "") ?? path;
}

/** Time of day of Unix seconds: 09:52:10. */
export function clockText(at: number): string {
  return new Date(at * 1000).toTimeString().slice(0, 8);
}

/** A variant of a sweep in short: "FFT", "r 4". */
export function variantText(variant: string): string {
  if (variant === "full") return "FFT";
  const rank = /^lora-r(\d+)$/.exec(variant)?.[1];
  return rank === undefined ? variant : `r ${rank}`;
}

const rate = { field: "learning_rate", label: "", kind: "number" } as const;
const alpha = { field: "lora.alpha", label: "", kind: "alpha" } as const;

export function rateText(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : textOf(rate, Number(value.toPrecision(3)));
}

/** "LoRA r 16, α 32", "Full". */
export function methodText({ method, lora }: RunConfig): string {
  if (method === "full") return methodNames.full;
  return `${methodNames[method]} r ${lora.rank}, α ${textOf(alpha, lora.alpha)}`;
}

/** Facts of a recipe, in the order of the form. */
export function recipeFacts(config: RunConfig): [string, string][] {
  const { data, batch } = config;
  const files = data.files.map(({ path }) => fileName(path)).join(", ");
  const used = data.subset === null ? "" : `, ${formatNumberOf(data.subset, "row")}`;
  const noise = data.noise > 0 ? `, noise ${formatPercent(data.noise * 100)}` : "";
  const length = config.max_steps === null ? `${formatCount(config.epochs)} epochs` : `${config.max_steps} steps`;
  return [
    ["Base", fileName(config.base.path)],
    ["Method", methodText(config)],
    ["Data", `${files}${used}${noise}`],
    ["Rate", `${rateText(config.learning_rate)}, ${config.schedule}, warm-up ${formatPercent(config.warmup * 100)}`],
    ["Batch", `${batch.effective}, length ${data.cutoff}`],
    ["Length", config.epochs === 1 && config.max_steps === null ? "1 epoch" : length],
    ["Seed", String(config.seed)],
  ];
}

/** What a preset stands for in one line: "LoRA r 16, 3 epochs, batch 32, length 512". */
export function presetFacts(values: Readonly<Record<string, unknown>>): string {
  const method = trainingMethod.safeParse(valueAt(values, "method")).data;
  const rank = valueAt(values, "lora.rank");
  const number = (field: string) => {
    const value = valueAt(values, field);
    return typeof value === "number" ? value : undefined;
  };
  const [epochs, steps, rate] = [number("epochs"), number("max_steps"), number("learning_rate")];
  const [batch, cutoff, subset] = [number("batch.effective"), number("data.cutoff"), number("data.subset")];
  const facts = [
    method &&
      (method !== "full" && typeof rank === "number" ? `${methodNames[method]} r ${rank}` : methodNames[method]),
    rate !== undefined && `rate ${rateText(rate)}`,
    subset !== undefined && formatNumberOf(subset, "row"),
    steps !== undefined ? formatNumberOf(steps, "step") : epochs !== undefined && formatNumberOf(epochs, "epoch"),
    batch !== undefined && `batch ${batch}`,
    cutoff !== undefined && `length ${cutoff}`,
  ];
  return facts.filter((fact) => typeof fact === "string").join(", ");
}

/** The recipe that makes this run again: all its values, without its identity. */
export function cloneOf(config: RunConfig): Record<string, unknown> {
  const { run_id: _id, schema: _schema, base, ...rest } = config;
  return { ...rest, base: { path: base.path } };
}
