/** The cheapest change that makes a run fit its device. */
import type { MemoryEstimate, RunConfig, TrainingDevice } from "../../contract/domain/training.ts";
import type { BaseModel } from "./base-model.ts";
import { divisorsOf, totalFor } from "./memory.ts";

type Remedy = NonNullable<MemoryEstimate["remedy"]>;
type Change = { text: string; config: RunConfig; values: Record<string, unknown> };

/** undefined where no single step or row of steps fits. */
export function remedyFor(config: RunConfig, model: BaseModel, device: TrainingDevice): Remedy | undefined {
  const found = changes(config, device).find((change) => totalFor(change.config, model, device) <= device.freeBytes);
  return found && { text: found.text, values: found.values };
}

/** From those that change nothing in the result to those that train something else. */
function changes(config: RunConfig, device: TrainingDevice): Change[] {
  const batches = smallerBatches(config);
  const smallest = batches.at(-1) ?? { config, text: "", values: {} };
  const patient = withCheckpointing(smallest);
  const other =
    device.kind === "cuda"
      ? [withMethod(patient, "lora"), withMethod(patient, "qlora")]
      : [withMethod(patient, "lora")];
  const kept = other.filter(({ config: { method } }) => isSmaller(method, config.method));
  return [...batches, patient, ...kept, ...shorter(kept.at(-1) ?? patient)];
}

/** The same effective batch in smaller parts. */
function smallerBatches(config: RunConfig): Change[] {
  const { effective, device } = config.batch;
  const sizes = divisorsOf(effective).filter((size) => size < (device === "auto" ? effective : device));
  return sizes.map((size) => ({
    text: `Take ${size} ${size === 1 ? "sequence" : "sequences"} at a time; the effective batch stays ${effective}.`,
    config: { ...config, batch: { effective, device: size } },
    values: { "batch.device": size },
  }));
}

function withCheckpointing({ text, config, values }: Change): Change {
  if (config.activation_checkpointing) return { text, config, values };
  return {
    text: joined(text, "Compute activations again in place of keeping them."),
    config: { ...config, activation_checkpointing: true },
    values: { ...values, activation_checkpointing: true },
  };
}

const names = { lora: "Train a LoRA", qlora: "Train a LoRA on a base of 4 bits" } as const;

function withMethod({ text, config, values }: Change, method: "lora" | "qlora"): Change {
  const words = `${names[method]} in place of ${config.method === "full" ? "all weights" : config.method}.`;
  return { text: joined(words, text), config: { ...config, method }, values: { ...values, method } };
}

function isSmaller(method: RunConfig["method"], than: RunConfig["method"]): boolean {
  if (than === "qlora" || method === than) return false;
  return than === "full" || method === "qlora";
}

/** Rows keep their answers; of longer ones the beginning of the prompt goes. */
function shorter({ text, config, values }: Change): Change[] {
  return [2, 4].map((divisor) => {
    const cutoff = Math.max(64, Math.floor(config.data.cutoff / divisor));
    return {
      text: joined(`Cut rows at ${cutoff} tokens.`, text),
      config: { ...config, data: { ...config.data, cutoff } },
      values: { ...values, "data.cutoff": cutoff },
    };
  });
}

function joined(first: string, second: string): string {
  return [first, second].filter((text) => text !== "").join(" ");
}
