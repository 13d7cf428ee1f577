/** Edits of real files through the native crate, against dense float64 arithmetic on the same bytes. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { MatrixPair } from "../../src/contract/domain/pair.ts";
import type { MatrixView, TensorRef } from "../../src/contract/domain/tensor.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import type {
  EditedModule,
  EditModule,
  FactorSum,
  PlannedTensor,
  VectorTerm,
} from "../../src/engine/linalg/edit-backend.ts";
import { openNativeEditBackend } from "../../src/engine/linalg/native-edit-backend.ts";
import { pair } from "../../src/engine/pairing/pair.ts";
import { evaluateTuned, readView } from "../builders/evaluate-statement.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { dot } from "../builders/jacobi-svd.ts";
import { multiply, norm, plainChange, plainModule, plus, storedTensors } from "../builders/plain-edit.ts";
import { goldenCases, goldenPath } from "./golden-truth.ts";

const backend = openNativeEditBackend(2);
const folder = temporaryFolder("edit backend");
const demo = join(import.meta.dirname, "../../demo");
let files = 0;

type Module = MatrixPair & EditModule;

async function modulesOf(base: string, tuned: string): Promise<Module[]> {
  const { matrices } = await pair(await open(base), await open(tuned));
  return matrices.filter((matrix): matrix is Module => matrix.base !== undefined);
}

async function demoModule(run: string, name: string): Promise<Module> {
  const modules = await modulesOf(join(demo, "base"), join(demo, run));
  return modules.find((module) => module.name === name) as Module;
}

const unchanged = { weight: 1, vectors: [] };
const relative = (error: number, size: number) => (size === 0 ? error : error / size);

function newPath(): string {
  return join(folder, `${files++}.safetensors`);
}

async function write(tensors: PlannedTensor[]): Promise<Map<string, TensorRef>> {
  const path = newPath();
  const answer = await backend.write({ path, tensors, threads: 2 });
  const bytes = readFileSync(path);
  expect(answer.bytes).toBe(bytes.length);
  expect(answer.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  return storedTensors(path);
}

/** One module for each stored matrix: tied heads and repeated layers share theirs. */
function separate(modules: Module[]): Module[] {
  const windowOf = ({ base: { tensor, ...window } }: Module) => JSON.stringify([tensor.path, tensor.begin, window]);
  return [...Map.groupBy(modules, windowOf).values()].flatMap((group) => group.slice(0, 1));
}

const opened = goldenCases.filter((golden) => golden.error === undefined);

test.each(opened.map(({ id, base, tuned }) => [id, base, tuned]))(
  "%s merges to what its statement says",
  async (_, base, tuned) => {
    const modules = separate(await modulesOf(goldenPath(base), goldenPath(tuned)));
    const byTensor = Map.groupBy(modules, ({ base: { tensor } }) => `${tensor.path}@${tensor.begin}`);
    const tensors = [...byTensor].map(([name, [first, ...others]]): PlannedTensor => {
      const { tensor } = (first as Module).base;
      const patches = [first as Module, ...others].map((module) => ({
        place: module.base,
        module: { ...module, ...unchanged },
      }));
      return { name, dtype: "F32", shape: tensor.shape, source: { kind: "matrix", tensor, patches } };
    });
    const written = await write(tensors);
    for (const module of modules) {
      const { tensor } = module.base;
      const place: MatrixView = { ...module.base, tensor: written.get(`${tensor.path}@${tensor.begin}`) as TensorRef };
      const intended = evaluateTuned(module.delta, module.base);
      const error = norm(plus(readView(place), intended, -1));
      expect(relative(error, norm(intended)), module.name).toBeLessThan(1e-7);
      const compared = await backend.compareMatrix({ ...module, ...unchanged }, place, 1);
      expect(compared.error).toBeCloseTo(error, 12);
      expect(compared.intended).toBeCloseTo(norm(plus(intended, readView(module.base), -1)), 9);
    }
  },
);

test.each(opened.map(({ id, base, tuned }) => [id, base, tuned]))(
  "triplets of %s are those of a Jacobi SVD",
  async (_, base, tuned) => {
    for (const module of (await modulesOf(goldenPath(base), goldenPath(tuned))).slice(0, 4)) {
      const plain = plainModule(module);
      const found = await backend.triplets({ ...module, count: 5, seed: 3, threads: 2 });
      expect(relative(Math.abs(found.baseFrobenius - norm(plain.base)), norm(plain.base))).toBeLessThan(1e-12);
      expect(Math.abs(found.deltaFrobenius - norm(plain.change))).toBeLessThan(1e-12 * norm(plain.base) + 1e-15);
      found.singularValues.forEach((sigma, j) => {
        const [u, v] = [plain.left[j] as Float64Array, plain.right[j] as Float64Array];
        expect(sigma / (plain.svd.values[j] as number)).toBeCloseTo(1, 9);
        const image = plainOverlap(plain.change, u, v);
        if (isAlone(plain.svd.values, j)) expect(found.overlaps[j]).toBeCloseTo(image, 6);
      });
      expect(found.singularValues.length).toBeGreaterThan(0);
      expect(Math.max(...found.residuals)).toBeLessThanOrEqual(1e-7);
    }
  },
);

function plainOverlap(
  { columns, data }: { columns: number; data: Float64Array },
  u: Float64Array,
  v: Float64Array,
): number {
  return u.reduce((sum, x, i) => sum + x * dot(data.subarray(i * columns, (i + 1) * columns), v), 0);
}

/** Vectors of nearly equal values are not the same in two programs. */
function isAlone(values: Float64Array, j: number): boolean {
  const [above, here, below] = [values[j - 1] ?? Infinity, values[j] as number, values[j + 1] ?? 0];
  return above - here > 1e-3 * here && here - below > 1e-3 * here;
}

const projection = "model.layers.1.mlp.down_proj";

async function intervention(module: Module, lambda: number): Promise<{ change: EditedModule; vectors: VectorTerm[] }> {
  const triplets = await backend.triplets({ ...module, count: 4, seed: 0, threads: 2 });
  const chosen = [2, 0];
  const pick = (values: Float64Array) => Float64Array.from(chosen, (index) => values[index] as number);
  const arm = backend.arm({
    arm: "rescaled",
    lambda,
    deltaFrobenius: triplets.deltaFrobenius,
    singularValues: pick(triplets.singularValues),
    overlaps: pick(triplets.overlaps),
  });
  const vectors = chosen.map((index, place) => ({ index, coefficient: arm.coefficients[place] as number }));
  expect(arm.deltaFrobenius).toBeCloseTo(triplets.deltaFrobenius, 9);
  triplets.keep(chosen);
  return { change: { ...module, weight: arm.weight, vectors, triplets }, vectors };
}

test.each(["lora-r4-hot", "dora-r4", "fft-hot"])("an edited matrix of %s is written as intended", async (run) => {
  const module = await demoModule(run, projection);
  const { change, vectors } = await intervention(module, 0.2);
  const patches = [{ place: module.base, module: change }];
  const { tensor } = module.base;
  const written = await write([
    { name: "w", dtype: "F32", shape: tensor.shape, source: { kind: "matrix", tensor, patches } },
  ]);
  const place = { ...module.base, tensor: written.get("w") as TensorRef };
  const plain = plainModule(module);
  const intended = plainChange(plain, change.weight, vectors);
  const read = plus(readView(place), plain.base, -1);
  expect(norm(plus(read, intended, -1)) / norm(intended)).toBeLessThan(1e-6);
  expect(norm(intended) / norm(plain.change)).toBeCloseTo(1, 6);
  const compared = await backend.compareMatrix(change, place, 2);
  expect(compared.read).toBeCloseTo(norm(read), 9);
  expect(compared.error / compared.intended).toBeLessThan(1e-6);
});

test("an edited adapter is written without loss, and read back", async () => {
  const module = await demoModule("lora-r4-hot", projection);
  const { change, vectors } = await intervention(module, 0);
  const sum: FactorSum = { ...change, lowRank: module.delta.lowRank ?? [] };
  const [out, columns] = module.shape;
  const factor = (side: "left" | "right", shape: number[], transpose = false): PlannedTensor => {
    return { name: `${side}${transpose}`, dtype: "F32", shape, source: { kind: "factor", side, of: [sum], transpose } };
  };
  const written = await write([
    factor("left", [out, 6]),
    factor("right", [6, columns]),
    factor("left", [6, out], true),
  ]);
  const view = (name: string): MatrixView => ({ tensor: written.get(name) as TensorRef });
  const [left, right] = [view("leftfalse"), view("rightfalse")];
  const plain = plainModule(module);
  const intended = plainChange(plain, change.weight, vectors);
  const read = multiply(readView(left), readView(right));
  expect(norm(plus(read, intended, -1)) / norm(intended)).toBeLessThan(1e-6);
  expect(readView({ ...view("lefttrue"), transpose: true })).toEqual(readView(left));
  const compared = await backend.compareFactors({
    name: projection,
    intended: [sum],
    read: [{ left, right, scale: 1 }],
  });
  expect(compared.error / compared.intended).toBeLessThan(1e-6);
  expect(compared.error).toBeGreaterThan(0);
  expect(compared.read).toBeCloseTo(norm(read), 9);
});

test.each(["fft", "dora-r4", "lora-r16"])("factors extracted from %s leave out what its spectrum says", async (run) => {
  const module = await demoModule(run, projection);
  const factors = await backend.extract({ ...module, rank: 5, threads: 2 });
  const { base, change } = plainModule(module);
  expect([factors.rank, factors.kept.length]).toEqual([5, 5]);
  expect(factors.frobenius).toBeCloseTo(norm(change), 9);
  const [out, columns] = module.shape;
  const written = await write([
    { name: "b", dtype: "F32", shape: [out, 5], source: { kind: "factor", side: "left", of: factors } },
    { name: "a", dtype: "F32", shape: [5, columns], source: { kind: "factor", side: "right", of: factors } },
  ]);
  const read = {
    left: { tensor: written.get("b") as TensorRef },
    right: { tensor: written.get("a") as TensorRef },
    scale: 1,
  };
  const product = multiply(readView(read.left), readView(read.right));
  const leftOut = norm(plus(product, change, -1));
  expect(factors.error / leftOut).toBeCloseTo(1, 6);
  expect((await backend.compareUpdate({ ...module, ...unchanged }, [read], 2)).error / leftOut).toBeCloseTo(1, 6);
  const compared = await backend.compareFactors({ name: projection, intended: factors, read: [read] });
  expect(compared.error / compared.intended).toBeLessThan(1e-6);
  const share = 1 - (factors.error / norm(change)) ** 2;
  expect((await backend.extract({ ...module, energy: share - 1e-6, threads: 1 })).rank).toBe(5);
  expect((await backend.extract({ ...module, energy: share + 1e-6, threads: 1 })).rank).toBe(6);
  expect(base.rows).toBe(out);
  factors.release();
  const released = backend.compareFactors({ name: projection, intended: factors, read: [read] });
  await expect(released).rejects.toMatchObject({ code: "linalg.invalid-argument" });
});

test("an average of adapters comes back as one pair of factors", async () => {
  const modules = [await demoModule("lora-r4", projection), await demoModule("lora-r4-hot", projection)];
  const parts = modules.map(({ delta }) => ({ weight: 0.5, vectors: [], lowRank: delta.lowRank ?? [] }));
  const all = await backend.refactor({ name: projection, parts, threads: 1 });
  expect(all.rank).toBe(8);
  expect(all.error / all.frobenius).toBeLessThan(1e-12);
  const mean = plainChange(plainModule(modules[0] as Module), 0.5, []);
  const average = plus(mean, plainModule(modules[1] as Module).change, 0.5);
  expect(all.frobenius).toBeCloseTo(norm(average), 9);
  const four = await backend.refactor({ name: projection, parts, rank: 4, threads: 1 });
  expect(four.error).toBeCloseTo(Math.hypot(...all.kept.subarray(4)), 9);
});

test("copies, casts and sums of whole tensors", async () => {
  const base = storedTensors(join(demo, "base/model.safetensors"));
  const tuned = storedTensors(join(demo, "fft/model.safetensors"));
  const name = "model.norm.weight";
  const [before, after] = [base.get(name) as TensorRef, tuned.get(name) as TensorRef];
  const terms = [
    { weight: 0.25, tensor: before },
    { weight: 0.75, tensor: after },
  ];
  const written = await write([
    { name: "copy", dtype: before.dtype, shape: before.shape, source: { kind: "copy", tensor: before } },
    {
      name: "cast",
      dtype: "F64",
      shape: before.shape,
      source: { kind: "sum", terms: [{ weight: 1, tensor: before }] },
    },
    { name: "mean", dtype: "F64", shape: before.shape, source: { kind: "sum", terms } },
  ]);
  const read = (tensor: TensorRef) => readView({ tensor }).data;
  const values = (key: string) => read(written.get(key) as TensorRef);
  expect(values("copy")).toEqual(read(before));
  expect(values("cast")).toEqual(read(before));
  expect(values("mean")).toEqual(read(before).map((value, i) => 0.25 * value + 0.75 * (read(after)[i] as number)));
});

test("a file that cannot be written is an error with its path, and nothing is left", async () => {
  const tensor = storedTensors(join(demo, "base/model.safetensors")).get("model.norm.weight") as TensorRef;
  const tensors: PlannedTensor[] = [
    { name: "t", dtype: tensor.dtype, shape: tensor.shape, source: { kind: "copy", tensor } },
  ];
  const missing = join(folder, "missing", "file");
  await expect(backend.write({ path: missing, tensors, threads: 1 })).rejects.toMatchObject({
    code: "output.unwritable",
    where: missing,
  });
  const taken = newPath();
  writeFileSync(taken, "kept");
  await expect(backend.write({ path: taken, tensors, threads: 1 })).rejects.toMatchObject({
    code: "output.unwritable",
  });
  expect(readFileSync(taken, "utf8")).toBe("kept");
  const narrow: PlannedTensor = {
    name: "t",
    dtype: "F32",
    shape: [3],
    source: { kind: "sum", terms: [{ weight: 1, tensor }] },
  };
  const path = newPath();
  await expect(backend.write({ path, tensors: [narrow], threads: 1 })).rejects.toMatchObject({
    code: "pairing.shape-mismatch",
    where: "t",
  });
  expect(existsSync(path)).toBe(false);
});

test("writing stops when it is cancelled and tells how far it is", async () => {
  const modules = await modulesOf(join(demo, "base"), join(demo, "lora-r64"));
  const tensors = modules.map((module): PlannedTensor => {
    const { tensor } = module.base;
    const patches = [{ place: module.base, module: { ...module, ...unchanged } }];
    return { name: module.name, dtype: "F64", shape: tensor.shape, source: { kind: "matrix", tensor, patches } };
  });
  const counts: number[] = [];
  const path = newPath();
  const { bytes } = await backend.write({ path, tensors, threads: 1 }, undefined, (done) => counts.push(done));
  expect(counts.at(-1)).toBe(bytes);
  const stop = new AbortController();
  const second = newPath();
  // So many that no machine has written them by then.
  const many = Array.from({ length: 40 }, (_, copy) =>
    tensors.map((tensor) => ({ ...tensor, name: `${tensor.name} ${copy}` })),
  ).flat();
  const writing = backend.write({ path: second, tensors: many, threads: 1 }, stop.signal);
  stop.abort();
  await expect(writing).rejects.toMatchObject({ code: "job.cancelled" });
  expect(existsSync(second)).toBe(false);
});

test("vectors without their triplets, freed ones, and those of another backend are refused", async () => {
  const module = await demoModule("lora-r4", projection);
  const { change } = await intervention(module, 0.5);
  const compare = (edited: EditedModule, other = backend) => other.compareMatrix(edited, module.base, 1);
  const refused = { code: "linalg.invalid-argument" };
  await expect(compare({ ...change, triplets: undefined })).rejects.toMatchObject(refused);
  await expect(compare({ ...change, vectors: [{ index: 1, coefficient: 1 }] })).rejects.toMatchObject(refused);
  await expect(compare(change, openNativeEditBackend(1))).rejects.toMatchObject(refused);
});
