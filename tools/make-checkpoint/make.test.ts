import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const work = mkdtempSync(join(tmpdir(), "make-checkpoint-"));
const program = join(import.meta.dirname, "main.ts");
afterAll(() => rmSync(work, { recursive: true }));

function make(name: string, ...options: string[]): string {
  const folder = join(work, name);
  execFileSync(process.execPath, ["--no-warnings", program, "--shape", "tiny", "--out", folder, ...options]);
  return folder;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A plain reader of its own, so that the writer is not its own judge. */
function read(file: string): { table: Map<string, Entry>; bytes: (name: string) => Buffer } {
  const raw = readFileSync(file);
  const length = Number(raw.readBigUInt64LE(0));
  const json = JSON.parse(raw.toString("utf8", 8, 8 + length)) as Record<string, Entry>;
  const table = new Map(Object.entries(json).filter(([name]) => name !== "__metadata__"));
  const end = Math.max(...[...table.values()].map((entry) => entry.data_offsets[1]));
  expect(raw.length).toBe(8 + length + end);
  const bytes = (name: string): Buffer => {
    const [from = 0, to = 0] = table.get(name)?.data_offsets ?? [];
    return raw.subarray(8 + length + from, 8 + length + to);
  };
  return { table, bytes };
}

function floats(file: string, name: string): Float32Array {
  const bytes = read(file).bytes(name);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

const QUERY = "model.layers.0.self_attn.q_proj.weight";
const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

test("one file without an index, of exactly the promised bytes", () => {
  const folder = make("plain");
  expect(readdirSync(folder).sort()).toEqual(["config.json", "model.safetensors"]);
  const { table } = read(join(folder, "model.safetensors"));
  expect(table.size).toBe(26);
  expect(table.get(QUERY)).toMatchObject({ dtype: "BF16", shape: [64, 64] });
});

test("the same options give the same bytes and another seed gives others", () => {
  const [first, again, other] = [["s1"], ["s2"], ["s3", "--seed", "1"]].map(([name = "", ...rest]) =>
    readFileSync(join(make(name, ...rest), "model.safetensors")),
  );
  expect(again?.equals(first as Buffer)).toBe(true);
  expect(other?.equals(first as Buffer)).toBe(false);
});

test("fewer layers keep the values of those that stay", () => {
  const whole = read(join(make("l2"), "model.safetensors"));
  const part = read(join(make("l1", "--layers", "1"), "model.safetensors"));
  expect(part.table.size).toBe(14);
  for (const name of part.table.keys()) expect(part.bytes(name).equals(whole.bytes(name)), name).toBe(true);
});

test("shards stay below the limit and the index names every tensor once", () => {
  // The embedding alone is 256 × 64 entries; limits below a megabyte cannot be written on the command line.
  const folder = make("shards", "--shard-size", "1MB", "--layers", "40");
  const index = JSON.parse(readFileSync(join(folder, "model.safetensors.index.json"), "utf8"));
  const files = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
  expect(files.length).toBeGreaterThan(3);
  expect(files[0]).toBe(`model-00001-of-${String(files.length).padStart(5, "0")}.safetensors`);
  const tables = new Map(files.map((file) => [file, read(join(folder, file)).table]));
  expect(Object.keys(index.weight_map)).toHaveLength([...tables.values()].reduce((sum, table) => sum + table.size, 0));
  for (const [name, file] of Object.entries(index.weight_map)) expect(tables.get(file as string)?.has(name)).toBe(true);
  for (const file of files) expect(statSync(join(folder, file)).size).toBeLessThan(1e6 + 20_000);
});

test("a base has the bulk and the head that it should", () => {
  const values = floats(join(make("f32", "--dtype", "f32"), "model.safetensors"), QUERY);
  // Head: 0.24·√64·j^-0.6 for 32 directions; bulk: 0.02² in each of 64 × 64 entries.
  const head = Array.from({ length: 32 }, (_, j) => (0.24 * 8 * (j + 1) ** -0.6) ** 2).reduce((a, b) => a + b);
  const expected = Math.sqrt(head + 64 * 64 * 0.02 ** 2);
  expect(norm(values) / expected).toBeGreaterThan(0.85);
  expect(norm(values) / expected).toBeLessThan(1.15);
});

test("a full fine-tune differs from its base by the update that was asked for", () => {
  const base = floats(join(make("base32", "--dtype", "f32"), "model.safetensors"), QUERY);
  const tuned = floats(
    join(make("full32", "--dtype", "f32", "--full", "strength=2,rank=1,noise=0"), "model.safetensors"),
    QUERY,
  );
  const change = tuned.map((value, i) => value - (base[i] as number));
  // Rank 1 without noise: the norm is the strength, twice the critical 0.24·√64·10^-0.6.
  expect(norm(change)).toBeCloseTo(2 * 0.24 * 8 * 10 ** -0.6, 4);
});

test("a fine-tune without strength and noise is its base", () => {
  const base = readFileSync(join(make("zero-base"), "model.safetensors"));
  const tuned = readFileSync(join(make("zero", "--full", "strength=0,noise=0"), "model.safetensors"));
  expect(tuned.equals(base)).toBe(true);
});

test("an adapter holds two factors for each module, of the strength that was asked for", () => {
  const folder = make("adapter", "--adapter", "r=1,alpha=4,strength=3,targets=q_proj+down_proj");
  const file = join(folder, "adapter_model.safetensors");
  const { table } = read(file);
  const module = "base_model.model.model.layers.1.mlp.down_proj";
  expect(table.size).toBe(8);
  expect(table.get(`${module}.lora_A.weight`)).toMatchObject({ dtype: "F32", shape: [1, 160] });
  expect(table.get(`${module}.lora_B.weight`)).toMatchObject({ dtype: "F32", shape: [64, 1] });
  const strength = 4 * norm(floats(file, `${module}.lora_A.weight`)) * norm(floats(file, `${module}.lora_B.weight`));
  const wanted = 3 * 0.24 * 8 * 10 ** -0.6;
  expect(Math.abs(strength / wanted - 1)).toBeLessThan(0.3);
  const config = JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8"));
  expect(config).toMatchObject({ peft_type: "LORA", r: 1, lora_alpha: 4, target_modules: ["q_proj", "down_proj"] });
});

test("a sparse checkpoint has its true size but takes no room", () => {
  const folder = join(work, "sparse");
  execFileSync(process.execPath, ["--no-warnings", program, "--shape", "qwen2.5-7b", "--sparse", "--out", folder]);
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)));
  expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(2 * 7_615_616_512);
  expect(sizes.reduce((sum, { blocks }) => sum + 512 * blocks, 0)).toBeLessThan(4e6);
});

test.each([
  [["--shape", "nonsense", "--out", "x"], 2, /unknown shape nonsense/],
  [["--shape", "tiny"], 2, /--out/],
  [["--shape", "tiny", "--out", "x", "--dtype", "f8"], 2, /unknown dtype f8/],
  [["--shape", "tiny", "--out", "x", "--adapter", "rank=3"], 2, /cannot read rank=3/],
  [["--shape", "tiny", "--out", "x", "--adapter", "targets=q"], 2, /unknown target q/],
  [["--shape", "tiny", "--out", "x", "--layers", "0"], 2, /layers/],
  [["--shape", "tiny", "--out", import.meta.dirname], 1, /not empty/],
])("%j is refused", (options, code, message) => {
  const { status, stderr } = spawnSync(process.execPath, ["--no-warnings", program, ...options], {
    cwd: work,
    encoding: "utf8",
  });
  expect(status).toBe(code);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
