/** The bundled demo is what its README says. Order and range are tested, not digits: those move with the processor. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { type DemoResults, insertTables, type RunRow, renderTables } from "../../tools/make-demo/table.ts";

const demo = join(import.meta.dirname, "../../demo");
const results = JSON.parse(readFileSync(join(demo, "results.json"), "utf8")) as DemoResults;
const files = readdirSync(demo, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(demo, join(entry.parentPath, entry.name)));

const runsNamed = (name: string): RunRow[] => results.runs.filter((run) => run.name === name);
const meanOf = (name: string, pick: (run: RunRow) => number): number =>
  runsNamed(name).reduce((sum, run) => sum + pick(run), 0) / runsNamed(name).length;

/** Tensor names with their shapes, read without the product's own reader. */
function tensorShapes(file: string): Map<string, number[]> {
  const raw = readFileSync(join(demo, file));
  const header = JSON.parse(raw.toString("utf8", 8, 8 + Number(raw.readBigUInt64LE(0))));
  delete header.__metadata__;
  return new Map(Object.entries(header).map(([name, entry]) => [name, (entry as { shape: number[] }).shape]));
}

test("the whole demo stays small and names no machine", () => {
  const bytes = files.reduce((sum, file) => sum + statSync(join(demo, file)).size, 0);
  expect(bytes).toBeLessThan(12e6);
  expect(files.length).toBeGreaterThan(40);
  for (const file of files) {
    expect(readFileSync(join(demo, file), "latin1"), file).not.toMatch(/\/(home|root|tmp|usr|work|Users|mnt)\//);
  }
});

test.each(["base", "fft", "fft-hot"])("%s is a whole checkpoint with its tokenizer", (name) => {
  const shapes = tensorShapes(join(name, "model.safetensors"));
  const parameters = [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  expect(parameters).toBe(919_680);
  expect(shapes.get("model.layers.3.self_attn.k_proj.weight")).toEqual([64, 128]);
  expect(files).toEqual(expect.arrayContaining([join(name, "config.json"), join(name, "tokenizer.json")]));
});

test.each([
  ["lora-r1", 1, 56],
  ["lora-r4", 4, 56],
  ["lora-r16", 16, 56],
  ["lora-r64", 64, 56],
  ["lora-r4-hot", 4, 56],
  ["dora-r4", 4, 84],
  ["trace/lora-r1-step037", 1, 56],
])("%s is an adapter of rank %i with %i tensors", (name, rank, tensors) => {
  const shapes = tensorShapes(join(name, "adapter_model.safetensors"));
  const config = JSON.parse(readFileSync(join(demo, name, "adapter_config.json"), "utf8"));
  expect(shapes.size).toBe(tensors);
  expect(shapes.get("base_model.model.model.layers.0.mlp.down_proj.lora_A.weight")).toEqual([rank, 384]);
  expect(config).toMatchObject({ r: rank, lora_alpha: 2 * rank, base_model_name_or_path: "../base" });
});

test("every question has one right answer among its choices", () => {
  for (const file of files.filter((name) => name.startsWith("tasks"))) {
    const items = readFileSync(join(demo, file), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(items.length, file).toBeGreaterThanOrEqual(48);
    for (const { choices, gold } of items) {
      expect(new Set(choices).size).toBe(choices.length);
      expect(choices[gold]).toBeTypeOf("string");
    }
  }
});

test("the base knows its world and not the new task", () => {
  expect(results.base.old).toBeGreaterThan(0.9);
  expect(results.base.new).toBeLessThan(0.65);
});

test("full fine-tuning makes no intruders, rank 1 makes at least three, and the count falls with the rank", () => {
  for (const run of [...runsNamed("fft"), ...runsNamed("fft-hot")]) expect(run.intruders).toBe(0);
  for (const run of runsNamed("lora-r1")) expect(run.intruders).toBeGreaterThanOrEqual(3);
  const counts = ["lora-r1", "lora-r4", "lora-r16", "lora-r64"].map((name) => meanOf(name, (run) => run.intruders));
  expect(counts).toEqual(counts.toSorted((a, b) => b - a));
});

test("LoRA's effective rank never passes its rank, and full fine-tuning's is above all of them", () => {
  const lora = results.runs.filter((run) => run.method === "lora");
  for (const run of lora) expect(run.effective_rank).toBeLessThanOrEqual(run.rank + 1e-3);
  expect(meanOf("fft", (run) => run.effective_rank)).toBeGreaterThan(
    Math.max(...lora.map((run) => run.effective_rank)),
  );
});

test("the runs that are compared have learned the new task", () => {
  for (const name of ["fft", "fft-hot", "lora-r1", "lora-r4", "lora-r16", "lora-r64"]) {
    for (const run of runsNamed(name)) expect(run.new, `${name} seed ${run.seed}`).toBeGreaterThan(0.85);
  }
});

test("forgetting falls with the rank, and is least after full fine-tuning", () => {
  const order = ["lora-r1", "lora-r4", "lora-r16", "fft"].map((name) => meanOf(name, (run) => run.forgetting));
  expect(order).toEqual(order.toSorted((a, b) => b - a));
});

test("the README shows these results", () => {
  const readme = readFileSync(join(demo, "README.md"), "utf8");
  expect(insertTables(readme, renderTables(results))).toBe(readme);
});
