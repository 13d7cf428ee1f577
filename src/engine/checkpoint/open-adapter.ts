/** Opens an adapter's two files; what they mean is for the families in ../adapter. */
import { basename } from "node:path";
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import { readableDtypes } from "../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { quote, quoteSome } from "../source/quote.ts";
import { CONFIG_LIMITS, type JsonObject, own, readJsonBytes } from "../source/read-json.ts";
import type { Source, SourceFile } from "../source/source.ts";
import { filterInTurns } from "../turns.ts";
import type { AdapterPackage, Tensor } from "./checkpoint.ts";
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, adapterParts, adapterPickle, MLX_WEIGHTS, rootFile } from "./contents.ts";
import { fingerprint } from "./fingerprint.ts";
import { readTables, tally } from "./read-tables.ts";

const READABLE: ReadonlySet<string> = new Set(readableDtypes);

/**
 * Throws `adapter.pickle`, `adapter.weights-missing`, `adapter.config-missing`, `adapter.not-peft`,
 * `adapter.config-invalid` and what reading a header throws.
 */
export async function openAdapter(source: Source): Promise<AdapterPackage> {
  const { configFile, weights } = await findFiles(source);
  const { value: config, bytes: configBytes } = await readConfig(configFile);
  const type = peftType(config, configFile);
  const [table] = await readTables([weights]);
  const tensors = new Map((table?.tensors ?? []).map((tensor) => [tensor.storedName, tensor]));
  return {
    kind: "adapter",
    source,
    name: basename(source.root),
    config,
    configBytes,
    type,
    tensors,
    ...(await tallyValues(tensors)),
    fingerprint: await fingerprint([...tensors.values()], configBytes),
    alerts: initialisationAlerts(source),
  };
}

/** What all modules share: saved once for all. RandLoRA and raw state dicts hold it once more beside each module. */
const SHARED: ReadonlySet<string> = new Set([
  ...["vera_A", "vera_B", "pvera_A", "pvera_B", "randlora_A", "randlora_B"],
  ...["vblora_vector_bank", "unilora_theta_d", "tinylora_v"],
]);

/** Positions, stored as integers beside the values of some families, are no parameters; nor are copies. */
async function tallyValues(tensors: ReadonlyMap<string, Tensor>): ReturnType<typeof tally> {
  const values = await filterInTurns(
    tensors.values(),
    ({ dtype, storedName }) => READABLE.has(dtype) && !isSharedCopy(storedName),
  );
  return tally(values.length > 0 ? values : tensors.values());
}

function isSharedCopy(key: string): boolean {
  return key.startsWith("base_model.model.") && key.split(".").some((part) => SHARED.has(part));
}

async function findFiles(source: Source): Promise<{ configFile: SourceFile; weights: SourceFile }> {
  const configFile = rootFile(source, ADAPTER_CONFIG);
  const weights = rootFile(source, ADAPTER_WEIGHTS);
  const where = source.root;
  if (weights === undefined && rootFile(source, MLX_WEIGHTS) !== undefined) throw notPeft(where);
  if (weights === undefined && adapterPickle(source) !== undefined) {
    throw new DeltaScopeError("adapter.pickle", "The adapter is a pickle file: adapter_model.bin.", where);
  }
  if (configFile === undefined) {
    throw new DeltaScopeError(
      "adapter.config-missing",
      `${where} holds adapter weights without ${ADAPTER_CONFIG}.`,
      where,
    );
  }
  if (weights === undefined) {
    const parts = adapterParts(source);
    const message =
      parts.length > 0
        ? `${where}: the adapter is cut in parts (${quoteSome(parts, 2)}), which neither peft nor transformers loads. Save it again as one ${ADAPTER_WEIGHTS}.`
        : `${where} holds ${ADAPTER_CONFIG} without ${ADAPTER_WEIGHTS}.`;
    throw new DeltaScopeError("adapter.weights-missing", message, where);
  }
  return { configFile, weights };
}

function readConfig(file: SourceFile): Promise<{ value: JsonObject; bytes: Buffer }> {
  return readJsonBytes(file, { ...CONFIG_LIMITS, code: "adapter.config-invalid" });
}

function peftType(config: JsonObject, file: SourceFile): string {
  const type = own(config, "peft_type");
  if (typeof type === "string") return type;
  if (own(config, "lora_parameters") !== undefined) throw notPeft(file.path);
  const found = type === undefined ? "is missing" : `is ${quote(JSON.stringify(type))}, no text`;
  throw new DeltaScopeError("adapter.config-invalid", `${ADAPTER_CONFIG}: \`peft_type\` ${found}.`, file.path);
}

function notPeft(where: string): DeltaScopeError {
  const message = "This is an adapter of mlx-lm: its factors are transposed and its keys are not peft's.";
  return new DeltaScopeError("adapter.not-peft", message, where);
}

/** What LLaMA-Factory's folder names say that the configuration inside does not. */
const LLAMA_FACTORY: ReadonlyMap<string, string> = new Map([
  ["pissa_init", "pissa_init is the start of a training, not its result."],
  [
    "pissa_backup",
    "pissa_backup holds factors over the residual base; against the original base ΔW is wrong. Use pissa_converted.",
  ],
]);

function initialisationAlerts(source: Source): Alert[] {
  const message = LLAMA_FACTORY.get(basename(source.root));
  return message === undefined ? [] : [makeAlert("adapter.base-mutated", message, source.root)];
}
