/** Decides what a location holds, and opens it. */
import { DeltaScopeError } from "../../contract/errors.ts";
import { openSource } from "../source/open-source.ts";
import { quoteSome } from "../source/quote.ts";
import type { Source } from "../source/source.ts";
import type { Opened } from "./checkpoint.ts";
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, isPickle, lookOver, MLX_WEIGHTS } from "./contents.ts";
import { openAdapter } from "./open-adapter.ts";
import { openCheckpoint } from "./open-checkpoint.ts";

export interface OpenOptions {
  /** Which one is meant where a folder holds a model and an adapter. */
  as?: "full" | "adapter" | undefined;
}

/** Opens a folder, file or cached Hub id as the checkpoint or the adapter that it is. Reads headers only. */
export async function open(location: string, options: OpenOptions = {}): Promise<Opened> {
  return openIn(await openSource(location), options);
}

/** The same for a source whose files are known already. */
export async function openIn(source: Source, options: OpenOptions = {}): Promise<Opened> {
  const kind =
    options.as ?? (source.single === undefined ? kindOfFolder(source) : kindOfFile(source.single.name, source));
  return kind === "adapter" ? openAdapter(source) : openCheckpoint(source);
}

function kindOfFile(name: string, source: Source): "full" | "adapter" {
  if ([ADAPTER_CONFIG, ADAPTER_WEIGHTS, MLX_WEIGHTS].includes(name)) return "adapter";
  if (name.endsWith(".safetensors") || name.endsWith(".safetensors.index.json")) return "full";
  if (name === "adapter_model.bin")
    throw new DeltaScopeError("adapter.pickle", "adapter_model.bin is a pickle file.", source.location);
  if (isPickle(name)) throw new DeltaScopeError("checkpoint.pickle", `${name} is a pickle file.`, source.location);
  const message = `${source.location} is neither a safetensors file nor the index of such files.`;
  throw new DeltaScopeError("checkpoint.no-tensors", message, source.location);
}

function kindOfFolder(source: Source): "full" | "adapter" {
  const { adapter, model, adapterFolders, modelFolders } = lookOver(source);
  if (adapter && model) {
    const message = `${source.root} holds a model and an adapter. Name ${ADAPTER_WEIGHTS} or the model's file.`;
    throw new DeltaScopeError("source.ambiguous", message, source.root);
  }
  if (adapter || model) return adapter ? "adapter" : "full";
  const inside = [
    adapterFolders.length === 0 ? "" : `adapters in ${quoteSome(adapterFolders, 10)}`,
    modelFolders.length === 0 ? "" : `models in ${quoteSome(modelFolders, 10)}`,
  ].filter((part) => part !== "");
  if (inside.length === 0) return "full";
  const message = `${source.root} holds no weights itself, but ${inside.join(" and ")}.`;
  throw new DeltaScopeError("source.ambiguous", message, source.root);
}
