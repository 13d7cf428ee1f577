/** Adapters of every family with changed settings and tensors: a reading inside their files, or a known error. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { DeltaScopeError } from "../../src/contract/errors.ts";
import { readAdapter, summarizeAdapter } from "../../src/engine/adapter/adapter.ts";
import type { AdapterPackage, Checkpoint, Opened, Tensor } from "../../src/engine/checkpoint/checkpoint.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import { isObject } from "../../src/engine/source/read-json.ts";
import type { Steps } from "../../src/engine/turns.ts";
import { checkReading } from "../builders/check-reading.ts";
import { cpuMilliseconds } from "../builders/cpu-time.ts";
import { finish } from "../builders/finish.ts";
import { campaign } from "./campaign.ts";
import { changedJson } from "./mutate.ts";

const GOLDEN = join(import.meta.dirname, "../golden");
/** No input of a few kilobytes may compute longer, in milliseconds. */
const SLOWEST = 5000;

function folders(...path: string[]): string[] {
  const root = join(GOLDEN, ...path);
  return readdirSync(root).map((name) => join(root, name));
}

const openAll = async (paths: string[]) =>
  (await Promise.all(paths.map((path) => open(path).catch(() => undefined)))).filter((opened) => opened !== undefined);
const isAdapter = (opened: Opened): opened is AdapterPackage => opened.kind === "adapter";
const isFull = (opened: Opened): opened is Checkpoint => opened.kind === "full";
const adapters = (await openAll([...folders("breadth", "adapters"), ...folders("models", "adapters")])).filter(
  isAdapter,
);
const bases = (await openAll(folders("models", "bases"))).filter(isFull);
assert(adapters.length > 100 && bases.length > 4);

function known<Result>(steps: () => Steps<Result>): Result | undefined {
  try {
    return finish(steps());
  } catch (thrown) {
    if (!(thrown instanceof DeltaScopeError) || thrown.code === "internal") throw thrown;
    return undefined;
  }
}

/** An adapter as it is, with its settings and the names, shapes and types of its tensors as plain JSON. */
const samples = adapters.map(({ config, tensors }, place) => ({
  place,
  config,
  tensors: [...tensors.values()].map(({ storedName, dtype, shape }) => ({ storedName, dtype, shape })),
}));

const isShape = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length < 8 && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** What the reader of headers lets through. */
function tensorTable(changed: unknown, original: AdapterPackage): Map<string, Tensor> {
  const [some] = original.tensors.values();
  const table = new Map<string, Tensor>();
  for (const tensor of Array.isArray(changed) ? changed : []) {
    if (!isObject(tensor) || typeof tensor.storedName !== "string" || !isShape(tensor.shape)) continue;
    const { storedName, shape } = tensor;
    if (some !== undefined)
      table.set(storedName, { ...some, dtype: String(tensor.dtype), storedName, name: storedName, shape });
  }
  return table;
}

campaign("adapters of every family", fc.tuple(changedJson(samples), fc.constantFrom(...bases)), {
  runs: 3000,
  check([changed, base]) {
    if (!isObject(changed) || !isObject(changed.config)) return;
    const original = adapters[Number(changed.place)] ?? (adapters[0] as AdapterPackage);
    const adapter = {
      ...original,
      config: changed.config,
      configBytes: Buffer.from(JSON.stringify(changed.config)),
      tensors: tensorTable(changed.tensors, original),
    };
    const started = cpuMilliseconds();
    known(() => summarizeAdapter(adapter));
    const reading = known(() => readAdapter(adapter, base));
    if (reading !== undefined) checkReading(reading);
    assert(cpuMilliseconds() - started < SLOWEST, "too slow");
  },
});
