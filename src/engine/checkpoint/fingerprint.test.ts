import { cpSync, readFileSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { tinyTensors, writeAdapter, writeCheckpoint } from "../../../test/builders/checkpoint.ts";
import { cpuMilliseconds } from "../../../test/builders/cpu-time.ts";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import type { TensorToWrite } from "../../../test/builders/safetensors.ts";
import type { Tensor } from "./checkpoint.ts";
import { fingerprint, SAMPLE_BYTES, SAMPLES_MAXIMUM, WHOLE_BYTES_MAXIMUM } from "./fingerprint.ts";
import { open } from "./open.ts";

let folder = "";
const of = async (path: string) => (await open(path)).fingerprint;

beforeEach(() => {
  folder = temporaryFolder();
});

test("a copy elsewhere, another time, other shards and another order of tensors leave it alone", async () => {
  const first = await of(writeCheckpoint(join(folder, "a")));
  cpSync(join(folder, "a"), join(folder, "b"), { recursive: true });
  utimesSync(join(folder, "b", "model.safetensors"), 1, 1);
  expect(await of(join(folder, "b"))).toBe(first);
  expect(await of(writeCheckpoint(join(folder, "c"), { shards: 3 }))).toBe(first);
  expect(await of(writeCheckpoint(join(folder, "d"), { tensors: new Map([...tinyTensors()].reverse()) }))).toBe(first);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
});

test("one changed bit anywhere in a small checkpoint changes it", async () => {
  const path = join(writeCheckpoint(join(folder, "a")), "model.safetensors");
  const seen = new Set([await of(join(folder, "a"))]);
  const bytes = readFileSync(path);
  for (const back of [1, 999, 5000]) {
    const at = bytes.length - back;
    bytes[at] = (bytes[at] as number) ^ 1;
    writeFileSync(path, bytes);
    seen.add(await of(join(folder, "a")));
  }
  expect(seen.size).toBe(4);
});

test("names, shapes, dtypes and the configuration count", async () => {
  const data = new Uint8Array(64);
  const variants: Record<string, TensorToWrite>[] = [
    { a: { dtype: "F32", shape: [4, 4], data } },
    { b: { dtype: "F32", shape: [4, 4], data } },
    { a: { dtype: "F32", shape: [2, 8], data } },
    { a: { dtype: "I32", shape: [4, 4], data } },
  ];
  const prints = variants.map((tensors, index) => of(writeCheckpoint(join(folder, `${index}`), { tensors })));
  prints.push(
    of(writeCheckpoint(join(folder, "tied"), { tensors: variants[0] ?? {}, config: { tie_word_embeddings: false } })),
  );
  expect(new Set(await Promise.all(prints)).size).toBe(5);
});

test("what decides a model's numbers counts, notes and the order of keys do not", async () => {
  let count = 0;
  const opened = (config: Record<string, unknown>) => of(writeCheckpoint(join(folder, `${count++}`), { config }));
  const rope = { rope_type: "yarn", factor: 4, rope_theta: 1e4 };
  const plain = await opened({});
  const same = [
    await opened({ transformers_version: "5.0.0", dtype: "float32", _name_or_path: "elsewhere", sliding_window: null }),
    await opened({ use_cache: false, eos_token_id: 7 }),
  ];
  expect(new Set(same)).toEqual(new Set([plain]));
  const changes = [
    ...[{ rope_parameters: rope }, { rope_parameters: { ...rope, factor: 2 } }, { rope_theta: 5e5 }],
    ...[{ rms_norm_eps: 1e-3 }, { num_key_value_heads: 2 }, { use_sliding_window: true, sliding_window: 4 }],
  ];
  const others = await Promise.all(changes.map(opened));
  expect(new Set([plain, ...others]).size).toBe(changes.length + 1);
  expect(await opened({ rope_parameters: { rope_theta: 1e4, factor: 4, rope_type: "yarn" } })).toBe(others[0]);
});

test("of an adapter every setting counts, and the order of its patterns", async () => {
  const configs = [{}, { lora_alpha: 16 }, { rank_pattern: { q: 1, v: 2 } }, { rank_pattern: { v: 2, q: 1 } }];
  const prints = configs.map((config, index) => of(writeAdapter(join(folder, `${index}`), { config })));
  // Numbers as keys: JavaScript would put both into one order.
  for (const pattern of ['{"1": 2, "0": 3}', '{"0": 3, "1": 2}']) {
    const path = writeAdapter(join(folder, `numbers ${prints.length}`));
    writeFileSync(join(path, "adapter_config.json"), `{"peft_type": "LORA", "rank_pattern": ${pattern}}`);
    prints.push(of(path));
  }
  expect(new Set(await Promise.all(prints)).size).toBe(6);
});

/** A file with holes: large, but nothing is written to the disk. */
function largeTensors(name: string, count: number, bytesEach: number): { path: string; tensors: Tensor[] } {
  const path = join(folder, name);
  writeFileSync(path, "");
  truncateSync(path, count * bytesEach);
  const tensors = Array.from({ length: count }, (_, index): Tensor => {
    const key = `t${String(index).padStart(6, "0")}`;
    const place = {
      path,
      begin: index * bytesEach,
      end: (index + 1) * bytesEach,
      fileSize: count * bytesEach,
      mtimeNs: 0n,
    };
    return { ...place, storedName: key, name: key, dtype: "U8", shape: [bytesEach] };
  });
  return { path, tensors };
}

test("of a large source the start of every tensor is seen", async () => {
  const each = Math.ceil(WHOLE_BYTES_MAXIMUM / 100) + 1;
  const { path, tensors } = largeTensors("large", 101, each);
  const before = await fingerprint(tensors, undefined);
  const bytes = readFileSync(path);
  for (const tensor of [0, 50, 100]) {
    const changed = Buffer.from(bytes);
    changed[tensor * each + SAMPLE_BYTES - 1] = 1;
    writeFileSync(path, changed);
    expect(await fingerprint(tensors, undefined)).not.toBe(before);
  }
  writeFileSync(path, bytes);
  expect(await fingerprint(tensors, undefined)).toBe(before);
});

test("of a large source some place inside every tensor is seen too", async () => {
  const each = Math.ceil(WHOLE_BYTES_MAXIMUM / 100) + 1;
  const { path, tensors } = largeTensors("inside", 101, each);
  const before = await fingerprint(tensors, undefined);
  const bytes = readFileSync(path);
  for (const tensor of [0, 100]) {
    writeFileSync(path, Buffer.from(bytes).fill(1, tensor * each + SAMPLE_BYTES, (tensor + 1) * each));
    expect(await fingerprint(tensors, undefined)).not.toBe(before);
  }
});

test("a hundred thousand tensors are sampled, not read", async () => {
  const { tensors } = largeTensors("many", 100_000, 2 * SAMPLE_BYTES);
  const started = cpuMilliseconds();
  expect(await fingerprint(tensors, undefined)).toMatch(/^[0-9a-f]{64}$/);
  expect(SAMPLES_MAXIMUM).toBeLessThan(2000);
  expect(cpuMilliseconds() - started).toBeLessThan(3000);
});

test("a file that is shorter than its tensors say is refused, whole or sampled", async () => {
  for (const [count, each] of [
    [4, 100],
    [4, WHOLE_BYTES_MAXIMUM],
  ] as const) {
    const { path, tensors } = largeTensors(`short-${each}`, count, each);
    truncateSync(path, each);
    await expect(fingerprint(tensors, undefined)).rejects.toMatchObject({ code: "source.truncated", where: path });
  }
});
