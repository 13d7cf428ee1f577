/** Whether a run's checkpoints will have room: a full disk hours later costs more than a refusal now. */
import type { RunConfig } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { formatBytes } from "../../../contract/format.ts";
import { freeBytesAt } from "../../source/free-bytes.ts";
import { readBaseModel } from "../base-model.ts";

/** Weights in fp32 and the optimizer's state. */
const bytesPerTrained = { adamw: 12, sgd: 8 } as const;
/** Checkpoints of a run that keeps all of them are counted up to here: nobody knows the steps yet. */
const mostCounted = 10;

/** @throws DeltaScopeError `trainer.disk`, and what opening the base throws */
export async function requireRoom(config: RunConfig, folder: string): Promise<void> {
  const free = await freeBytesAt(folder);
  const needed = await bytesOfRun(config);
  if (free >= needed) return;
  const message = `The run needs about ${formatBytes(needed)} for its checkpoints; ${formatBytes(free)} are free.`;
  throw new DeltaScopeError("trainer.disk", message, folder);
}

/** Its checkpoints, one more while it is written, and the export. */
export async function bytesOfRun(config: RunConfig): Promise<number> {
  const { checkpoint, kept, exported } = await bytesByPart(config);
  return (kept + 1) * checkpoint + exported;
}

/** `kept` checkpoints of so many bytes, and the export. */
export async function bytesByPart({
  base,
  method,
  lora,
  optimizer,
  save,
}: RunConfig): Promise<{ checkpoint: number; kept: number; exported: number }> {
  const { linear, parameters } = await readBaseModel(base.path);
  const isFull = method === "full";
  const factors = linear.reduce((sum, { rows, columns }) => sum + lora.rank * (rows + columns), 0);
  const trained = isFull ? parameters : factors;
  const kept = save.keep === "all" ? mostCounted : Math.min(save.keep, mostCounted);
  const exported = isFull || save.export === "merged" ? parameters * (save.dtype === "fp32" ? 4 : 2) : factors * 4;
  return { checkpoint: trained * bytesPerTrained[optimizer], kept, exported };
}
