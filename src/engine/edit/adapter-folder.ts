/** Writes a plain LoRA: adapter_config.json and adapter_model.safetensors in float32, read back before it counts. */
import { join } from "node:path";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { KEY_PREFIX } from "../adapter/keys.ts";
import { namingStyle, wrappedName } from "../adapter/naming.ts";
import type { AdapterPackage, Checkpoint } from "../checkpoint/checkpoint.ts";
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS } from "../checkpoint/contents.ts";
import { open } from "../checkpoint/open.ts";
import type { FactorSum, Factors, PlannedTensor } from "../linalg/edit-backend.ts";
import { pair as pairSources } from "../pairing/pair.ts";
import { loraConfig } from "./adapter-config.ts";
import { rankOf } from "./factors.ts";
import type { WrittenFile, WrittenModuleReport } from "./report.ts";
import { type EditListener, type EditServices, silentListener } from "./services.ts";
import { writeJsonFile } from "./side-files.ts";
import { requireVerified, verifiedHash } from "./verify.ts";
import { writeWeights } from "./write-weights.ts";

/** One module of an adapter to write. */
export interface AdapterModule {
  pair: MatrixPair;
  factors: Factors | readonly FactorSum[];
}

export interface AdapterToWrite {
  base: Checkpoint;
  modules: readonly AdapterModule[];
  /** The adapter it was made from. */
  source: AdapterPackage | undefined;
  /** Name of the base in its configuration. */
  baseName: string | null;
}

/** Bytes of the weights in float32, without the header. */
export function adapterBytes(modules: readonly AdapterModule[]): number {
  return modules.reduce((sum, { pair, factors }) => sum + 4 * rankIn(factors) * (pair.shape[0] + pair.shape[1]), 0);
}

export function rankIn(factors: AdapterModule["factors"]): number {
  return "rank" in factors ? factors.rank : rankOf(factors);
}

/**
 * Writes the two files into an empty folder and reads them back.
 * @throws DeltaScopeError `edit.not-possible`, `edit.not-verified`, and what writing throws
 */
export async function writeAdapter(
  folder: string,
  adapter: AdapterToWrite,
  services: EditServices,
  listener: EditListener = silentListener,
  signal?: AbortSignal,
): Promise<{ files: WrittenFile[]; modules: WrittenModuleReport[] }> {
  const names = wrappedNames(adapter);
  const tensors = adapter.modules.flatMap((module) => plannedTensors(module, names.get(module.pair.name) ?? ""));
  const written = adapter.modules.map(({ pair, factors }) => ({
    wrapped: names.get(pair.name) ?? "",
    rank: rankIn(factors),
  }));
  const file = await writeWeights(
    { folder, name: ADAPTER_WEIGHTS, tensors },
    { done: 0, total: adapterBytes(adapter.modules) },
    services,
    listener,
    signal,
  );
  await writeJsonFile(folder, ADAPTER_CONFIG, loraConfig(adapter.source?.config, written, adapter.baseName));
  const files = [file, await verifiedHash(join(folder, ADAPTER_CONFIG), undefined)];
  return { files, modules: await readBack(folder, adapter, services, signal) };
}

/** Names in the wrapped model: as the source's keys have them, or as the base's files do. */
function wrappedNames({ base, source, modules }: AdapterToWrite): Map<string, string> {
  const keys = source ? [...source.tensors.keys()].map((key) => key.replace(KEY_PREFIX, "")) : storedNames(base);
  const style = namingStyle(keys);
  return new Map(
    modules.map(({ pair: { name, role } }) => {
      const wrapped = wrappedName(name, style);
      if (wrapped === undefined || role.expert !== null) throw notWritable(name);
      return [name, wrapped];
    }),
  );
}

/** Only nested names say something; in a bare checkpoint the causal model has the outer `model.` all the same. */
function storedNames({ tensors }: Checkpoint): string[] {
  return [...tensors.values()].map(({ storedName }) => storedName).filter((name) => name.includes("language_model."));
}

function notWritable(name: string): DeltaScopeError {
  const message = `${name} shares fused factors with other experts, or has no place in the wrapped model; write a full checkpoint.`;
  return new DeltaScopeError("edit.not-possible", message, name);
}

/** A of a linear layer is r × in, B out × r; those of an embedding (ΔE = Aᵀ·Bᵀ) lie on their sides. */
function plannedTensors({ pair, factors: of }: AdapterModule, wrapped: string): PlannedTensor[] {
  const [rows, columns] = pair.shape;
  const rank = rankIn(of);
  const key = `${KEY_PREFIX}${wrapped}`;
  if (pair.role.group === "embedding") {
    return [
      factor(`${key}.lora_embedding_A`, [rank, rows], { kind: "factor", side: "left", of, transpose: true }),
      factor(`${key}.lora_embedding_B`, [columns, rank], { kind: "factor", side: "right", of, transpose: true }),
    ];
  }
  return [
    factor(`${key}.lora_A.weight`, [rank, columns], { kind: "factor", side: "right", of }),
    factor(`${key}.lora_B.weight`, [rows, rank], { kind: "factor", side: "left", of }),
  ];
}

function factor(name: string, shape: number[], source: PlannedTensor["source"]): PlannedTensor {
  return { name, dtype: "F32", shape, source };
}

/** Opens what was written as any adapter, and compares every module with what was meant. */
async function readBack(
  folder: string,
  { base, modules }: AdapterToWrite,
  { edits }: EditServices,
  signal: AbortSignal | undefined,
): Promise<WrittenModuleReport[]> {
  const reading = await pairSources(base, await open(folder, { as: "adapter" }));
  const found = new Map(reading.matrices.map((one) => [one.name, one]));
  if (found.size !== modules.length) {
    throw new DeltaScopeError(
      "edit.not-verified",
      `${found.size} of ${modules.length} modules were read back.`,
      folder,
    );
  }
  const reports: WrittenModuleReport[] = [];
  for (const { pair, factors } of modules) {
    const read = found.get(pair.name)?.delta.lowRank ?? [];
    const comparison = await edits.compareFactors({ name: pair.name, intended: factors, read }, signal);
    requireVerified(pair.name, comparison);
    reports.push({ module: pair.name, rank: rankIn(factors), ...comparison });
  }
  return reports;
}
