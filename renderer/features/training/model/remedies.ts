/** What to change in a recipe: after a run that failed, or so that one fits its device. */
import type { TrainingRun } from "../../../../src/contract/domain/training.ts";
import { methodNames } from "./fields.ts";
import { rateText } from "./words.ts";

export interface RecipeChange {
  words: string;
  values: Readonly<Record<string, unknown>>;
}

/** Undefined where the reason names no value to change. */
export function changeAfter({ error, config }: Pick<TrainingRun, "error" | "config">): RecipeChange | undefined {
  if (error?.code === "trainer.out-of-memory") {
    const { effective, device } = config.batch;
    const half = largestDivisor(effective, Math.floor((device === "auto" ? effective : device) / 2));
    const words = `Start again with ${half} at a time`;
    return { words, values: { batch: { ...config.batch, device: half } } };
  }
  if (error?.code === "trainer.not-finite" && config.learning_rate !== null) {
    const rate = config.learning_rate / 2;
    return { words: `Start again with rate ${rateText(rate)}`, values: { learning_rate: rate } };
  }
  if (error?.code.startsWith("python.")) return { words: "Set up Python", values: {} };
  return undefined;
}

function largestDivisor(whole: number, most: number): number {
  for (let size = most; size > 1; size -= 1) if (whole % size === 0) return size;
  return 1;
}

/** "Use LoRA, 4 at a time": the values of a remedy as the label of its button. */
export function remedyWords(values: readonly (readonly [string, unknown])[]): string {
  const words = values.map(([field, value]) => wordsOf.get(field)?.(value) ?? `${field} ${String(value)}`);
  return `Use ${words.join(", ")}`;
}

const wordsOf = new Map<string, (value: unknown) => string>([
  ["batch.device", (value) => `${value} at a time`],
  ["activation_checkpointing", () => "recomputed activations"],
  ["lora.rank", (value) => `rank ${value}`],
  ["method", (value) => methodNames[value as keyof typeof methodNames] ?? String(value)],
  ["data.cutoff", (value) => `length ${value}`],
]);
