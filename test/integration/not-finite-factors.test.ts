/** NaN in any tensor of an adapter of any family, as peft wrote them: the modules that use it fail with its name. */
import { cpSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toDeltaScopeError } from "../../src/contract/errors.ts";
import { checkEvidence } from "../../src/engine/analysis/evidence.ts";
import type { AdapterPackage, Tensor } from "../../src/engine/checkpoint/checkpoint.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import { failureToError } from "../../src/engine/linalg/failure.ts";
import { openNativeBackend } from "../../src/engine/linalg/native-backend.ts";
import { pair } from "../../src/engine/pairing/pair.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { goldenPath } from "./golden-truth.ts";

const root = join(import.meta.dirname, "../golden/breadth");
const backend = openNativeBackend(1);

/** Bytes of NaN, little-endian; whole numbers have none. */
const NAN: Record<string, Uint8Array> = {
  F32: Uint8Array.of(0, 0, 0xc0, 0x7f),
  BF16: Uint8Array.of(0xc0, 0x7f),
  F16: Uint8Array.of(0, 0x7e),
};

/** What peft does not compute with either: copies of what is stored once more, and parts of a bias that is not there. */
const UNUSED: ReadonlySet<string> = new Set([
  "RANDLORA: randlora_A",
  "RANDLORA: randlora_B",
  "TRAINABLE_TOKENS: embed_tokens.trainable_tokens_delta",
  "GLORA: glora_C.zeros",
  "GLORA: glora_D.zeros",
  "GLORA: glora_E.zeros",
]);

interface Spoiled {
  title: string;
  id: string;
  base: string;
  key: string;
}

/** One adapter for each kind of tensor that a family has. */
async function kindsOfTensors(): Promise<Spoiled[]> {
  const cases = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as { id: string; base: string }[];
  const kinds = new Map<string, Spoiled>();
  for (const { id, base } of cases) {
    const { type, tensors } = (await open(join(root, "adapters", id))) as AdapterPackage;
    for (const { storedName: key, dtype } of tensors.values()) {
      if (NAN[dtype] === undefined) continue;
      const title = `${type}: ${kindOf(key)}`;
      kinds.set(title, kinds.get(title) ?? { title, id, base, key });
    }
  }
  return [...kinds.values()];
}

/** `q_proj.lora_A` of any layer is `lora_A`; what all modules share is named as such. */
function kindOf(key: string): string {
  if (!key.startsWith("base_model.model.")) return `shared ${key.replace("base_model.", "")}`;
  return key.replace(/^.*\.(?:self_attn|mlp|layers\.\d+|model)\./u, "").replace(/^\w+_proj\./u, "");
}

/** The first value becomes NaN; everything else of the folder stays. */
async function spoil({ id, key }: Spoiled): Promise<string> {
  const folder = join(temporaryFolder(), id);
  cpSync(join(root, "adapters", id), folder, { recursive: true });
  const { path, begin, dtype } = ((await open(folder)) as AdapterPackage).tensors.get(key) as Tensor;
  writeSync(openSync(path, "r+"), NAN[dtype] as Uint8Array, 0, undefined, begin);
  return folder;
}

/** Code and place of every matrix and vector that fails. */
async function failuresOf(base: string, tuned: string): Promise<{ code: string; where: string | undefined }[]> {
  const stated = await pair(await open(base), await open(tuned));
  const { matrices, vectors } = (await checkEvidence(stated, backend, undefined)).pairing;
  const question = { k: 2, epsilon: 0.5, epsilons: [0.5], sides: ["left" as const], exact: false, seed: 0, threads: 1 };
  const failures = [];
  for (const { name, base, delta } of matrices) {
    const { runs } = await backend.analyzeModule({ name, base, runs: [{ key: "run", delta }], ...question });
    for (const { error } of runs) if (error) failures.push(failureToError(error));
  }
  for (const vector of vectors) {
    await backend.vectorDelta(vector).catch((thrown: unknown) => failures.push(toDeltaScopeError(thrown)));
  }
  return failures.map(({ code, where }) => ({ code, where }));
}

test.each((await kindsOfTensors()).map((spoiled) => [spoiled.title, spoiled] as const))("%s", async (_, spoiled) => {
  const failures = await failuresOf(goldenPath(`bases/${spoiled.base}`), await spoil(spoiled));
  expect(failures.length > 0).toBe(!UNUSED.has(spoiled.title));
  for (const failure of failures) expect(failure).toEqual({ code: "analysis.not-finite", where: spoiled.key });
});
