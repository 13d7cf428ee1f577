/** The cheapest change that makes a run fit its device. */
import { devicesIn, type MemoryEstimate, type RunConfig, type TrainingDevice } from "../../contract/domain/training.ts";
import type { BaseModel } from "./base-model.ts";
import { deviceOf } from "./devices.ts";
import { divisorsOf, fitsOn, precisionOf, whyNotSharded } from "./memory.ts";

type Remedy = NonNullable<MemoryEstimate["remedy"]>;
type Change = { text: string; config: RunConfig; values: Record<string, unknown> };

/** Of `devices`, which are all that there are. undefined where no single step or row of steps fits. */
export function remedyFor(config: RunConfig, model: BaseModel, devices: readonly TrainingDevice[]): Remedy | undefined {
  const found = changes(config, devices).find((change) =>
    fitsOn(change.config, model, deviceOf(change.config.device, devices)),
  );
  return found && { text: found.text, values: found.values };
}

/** From those that change nothing in the result to those that train something else. */
function changes(config: RunConfig, devices: readonly TrainingDevice[]): Change[] {
  const batches = smallerBatches(config);
  const smallest = batches.at(-1) ?? { config, text: "", values: {} };
  const patient = withCheckpointing(smallest);
  const divided = [...dividedAmong(patient, devices), ...overMoreCards(patient, devices)];
  const methods = deviceOf(config.device, devices).kind === "cuda" ? (["lora", "qlora"] as const) : (["lora"] as const);
  const kept = methods
    .map((method) => withMethod(patient, method))
    .filter(({ config: { method } }) => isSmaller(method, config.method));
  return [...batches, patient, ...divided, ...kept, ...shorter(kept.at(-1) ?? patient)];
}

/** Each of the run's devices holds its part. */
function dividedAmong({ text, config, values }: Change, devices: readonly TrainingDevice[]): Change[] {
  const count = devicesIn(config.device).length;
  if (count === 1 || config.sharding !== "none" || whyNotShardedOn(config, devices) !== undefined) return [];
  const words = `Divide the model among the ${count} devices in place of holding it whole on each.`;
  return [
    {
      text: joined(words, text),
      config: { ...config, sharding: "full" },
      values: { ...values, sharding: "full" },
    },
  ];
}

/** More cards, those with the most free memory first; the fewest that the effective batch divides by. */
function overMoreCards({ text, config, values }: Change, devices: readonly TrainingDevice[]): Change[] {
  const used = config.device === "auto" ? [deviceOf("auto", devices).id] : devicesIn(config.device);
  const others = devices
    .filter(({ id }) => /^cuda:\d+$/.test(id) && !used.includes(id))
    .toSorted((one, other) => other.freeBytes - one.freeBytes);
  if (!used.every((id) => id.startsWith("cuda:")) || whyNotShardedOn(config, devices) !== undefined) return [];
  return others.flatMap((_, index) => {
    const places = [...used, ...others.slice(0, index + 1).map(({ id }) => id)].map((id) => Number(id.slice(5)));
    if (config.batch.effective % places.length !== 0) return [];
    const device = `cuda:${places.toSorted((one, other) => one - other).join(",")}`;
    return [
      {
        text: joined(`Divide the model among ${places.length} cards, ${device}.`, text),
        config: { ...config, device, sharding: "full" as const },
        values: { ...values, device, sharding: "full" },
      },
    ];
  });
}

function whyNotShardedOn(config: RunConfig, devices: readonly TrainingDevice[]): string | undefined {
  return whyNotSharded({ ...config, precision: precisionOf(config, deviceOf(config.device, devices)) });
}

/** The same effective batch in smaller parts. */
function smallerBatches(config: RunConfig): Change[] {
  const { effective, device } = config.batch;
  const share = Math.max(1, Math.floor(effective / devicesIn(config.device).length));
  const sizes = divisorsOf(share, (device === "auto" ? share : device) - 1);
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
