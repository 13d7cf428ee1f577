/** Command line of the checkpoint maker; see HELP. */
import { parseArgs } from "node:util";
import { type AdapterSpec, resolveTargets } from "./adapter.ts";
import { type Dtype, dtypes } from "./dtype.ts";
import { makeAdapter, makeBase, makeFull, makeSparse } from "./make.ts";
import { findShape, type ModelShape, shapes } from "./shapes.ts";
import type { FullUpdate } from "./weights.ts";

const HELP = `Writes a seeded checkpoint of a Qwen shape: a base model, or a fine-tune of one.

  node tools/make-checkpoint/main.ts --shape SHAPE --out DIR [options]

  --shape NAME       ${[...shapes.keys()].join(", ")}
  --out DIR          a folder that is empty or does not exist
  --layers N         only so many layers
  --dtype TYPE       ${dtypes.join(", ")} (bf16; adapters f32)
  --seed TEXT        seed of the base (0)
  --shard-size SIZE  largest file, such as 500MB or 2GB (2GB)
  --no-embeddings    leave out the embedding and the head
  --sparse           true size, but holes instead of weights
  --adapter SPEC     a LoRA adapter instead: r=16,alpha=32,strength=2,targets=all
                     targets: all, attention, mlp, or names joined by +
  --full SPEC        a full fine-tune instead: strength=0.1,rank=8,noise=0.01
  --variant TEXT     seed of the adapter or of the full fine-tune (0)
  --base-name TEXT   base_model_name_or_path of an adapter (../base)

Strength 1 is that at which a new direction enters the base's ten strongest; noise is relative to the base's bulk.`;

const OPTIONS = {
  shape: { type: "string" },
  out: { type: "string" },
  layers: { type: "string" },
  dtype: { type: "string" },
  seed: { type: "string", default: "0" },
  "shard-size": { type: "string", default: "2GB" },
  "no-embeddings": { type: "boolean", default: false },
  sparse: { type: "boolean", default: false },
  adapter: { type: "string" },
  full: { type: "string" },
  variant: { type: "string", default: "0" },
  "base-name": { type: "string", default: "../base" },
  help: { type: "boolean", default: false },
} as const;

type Settings = ReadonlyMap<string, string>;

/** Reads `name=value,name=value` over defaults; a name without a default is an error. */
function parseSpec(text: string, defaults: Readonly<Record<string, string>>): Settings {
  const settings = new Map(Object.entries(defaults));
  for (const part of text.split(",").filter((piece) => piece !== "")) {
    const [name = "", value] = part.split("=");
    if (!settings.has(name) || value === undefined) {
      throw new RangeError(`cannot read ${part}; expected ${[...settings.keys()].join("=…,")}=…`);
    }
    settings.set(name, value);
  }
  return settings;
}

function positiveNumber(settings: Settings, name: string): number {
  const value = Number(settings.get(name));
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`${name} must be a number of at least 0`);
  return value;
}

function positiveInteger(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number of at least 1`);
  return value;
}

function parseSize(text: string): number {
  const match = /^(\d{1,6})(MB|GB)$/.exec(text);
  if (!match) throw new RangeError(`cannot read the size ${text}; write it like 500MB or 2GB`);
  return Number(match[1]) * (match[2] === "GB" ? 1e9 : 1e6);
}

function parseDtype(text: string): Dtype {
  const found = dtypes.find((dtype) => dtype === text);
  if (!found) throw new RangeError(`unknown dtype ${text}; known are ${dtypes.join(", ")}`);
  return found;
}

function adapterSpec(text: string, shape: ModelShape): AdapterSpec {
  const settings = parseSpec(text, { r: "16", alpha: "32", strength: "2", targets: "all" });
  return {
    rank: positiveInteger(settings.get("r") ?? "", "r"),
    alpha: positiveNumber(settings, "alpha"),
    strength: positiveNumber(settings, "strength"),
    targets: resolveTargets(shape, settings.get("targets") ?? ""),
  };
}

function tunedUpdate(text: string, seed: string): FullUpdate {
  const settings = parseSpec(text, { strength: "0.1", rank: "8", noise: "0.01" });
  return {
    seed,
    strength: positiveNumber(settings, "strength"),
    rank: positiveInteger(settings.get("rank") ?? "", "rank"),
    noise: positiveNumber(settings, "noise"),
  };
}

function make(values: ReturnType<typeof parse>): void {
  const { shape: shapeName, out: folder, seed } = values;
  if (shapeName === undefined || folder === undefined) throw new RangeError("--shape and --out are needed");
  const layers = values.layers === undefined ? undefined : positiveInteger(values.layers, "layers");
  const shape = findShape(shapeName, layers);
  const dtype = parseDtype(values.dtype ?? (values.adapter === undefined ? "bf16" : "f32"));
  const shardBytes = parseSize(values["shard-size"]);
  const options = { shape, folder, dtype, seed, shardBytes, embeddings: !values["no-embeddings"] };
  if (values.adapter !== undefined) {
    const adapter = { shape, folder, dtype, seed: values.variant, baseName: values["base-name"] };
    makeAdapter(adapter, adapterSpec(values.adapter, shape));
  } else if (values.sparse) makeSparse(options);
  else if (values.full !== undefined) makeFull(options, tunedUpdate(values.full, values.variant));
  else makeBase(options);
}

const parse = () => parseArgs({ options: OPTIONS, strict: true }).values;

try {
  const values = parse();
  if (values.help) console.log(HELP);
  else make(values);
} catch (error) {
  console.error(`make-checkpoint: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof RangeError || error instanceof TypeError ? 2 : 1;
}
