/** Adapters of every family, as peft wrote and ran them: merged here, the change of each matrix is what peft computes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { editSpec } from "../../src/contract/domain/edit.ts";
import type { MatrixPair } from "../../src/contract/domain/pair.ts";
import type { MatrixView } from "../../src/contract/domain/tensor.ts";
import { toDeltaScopeError } from "../../src/contract/errors.ts";
import { checkEvidence } from "../../src/engine/analysis/evidence.ts";
import type { Checkpoint } from "../../src/engine/checkpoint/checkpoint.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import { openNativeBackend } from "../../src/engine/linalg/native-backend.ts";
import { pair } from "../../src/engine/pairing/pair.ts";
import { edit, editServices } from "../builders/edit-bench.ts";
import { type Matrix, readView } from "../builders/evaluate-statement.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { writeQuantisedCopy } from "../builders/quantised-copy.ts";
import { goldenPath, probesOf } from "./golden-truth.ts";

interface FamilyCase {
  id: string;
  base: string;
  alerts: string[];
  /** Every matrix that changes. */
  matrices: Record<string, Size>;
  /** Every bias and norm that changes, as a matrix of one column. */
  vectors?: Record<string, Size>;
}

interface Size {
  frobenius: number;
  probes: number[];
}

/** Relative to ‖ΔW‖. peft itself takes PiSSA's and OLoRA's part out in float32. */
const TOLERANCE = 1e-5;

/** Families whose ΔW is the adapter's alone. The third MiSS is `bat`, which multiplies the base. */
const STANDS_ALONE =
  /^(?:adalora|bdlora|c3a|delora|fourierft|gralora|lo(?:ha|kr)|miss-[124]|p?vera|randlora|shira|(?:tiny|uni|vb)lora|supertuning|waveft)/;

/** What changes is stored in 16 bits even where the linear layers are quantised. */
const BESIDE_QUANTISED = /^(?:beft|ln-tuning-[12]|trainable-tokens)/;

/** Stated, because the file holds tensors for them, which are zeros here. */
const ZEROS: ReadonlySet<string> = new Set(["glora-5 model.layers.0.self_attn.v_proj"]);

/** Where a merged checkpoint holds one matrix for both sides. */
const SHARED: ReadonlyMap<string, string> = new Map([["lm_head", "model.embed_tokens"]]);

const root = process.env.DELTASCOPE_BREADTH ?? join(import.meta.dirname, "../golden/breadth");
const cases = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8")) as FamilyCase[];
const services = editServices();
const backend = openNativeBackend(1);

async function pairing({ id, base }: FamilyCase) {
  return pair(await open(goldenPath(`bases/${base}`)), await open(join(root, "adapters", id)));
}

async function measure({ name, base, delta }: Pick<MatrixPair, "name" | "base" | "delta">) {
  const question = { k: 4, epsilon: 0.5, epsilons: [0.5], sides: [], exact: false, seed: 0, threads: 1 };
  const answer = await backend.analyzeModule({ name, base, runs: [{ key: "run", delta }], ...question });
  return { base: answer.base, run: answer.runs[0] };
}

/** ΔW of the merged checkpoint, written in F32. */
async function merged(golden: FamilyCase): Promise<Map<string, Matrix>> {
  const out = join(temporaryFolder(), golden.id);
  const [base, tuned] = [goldenPath(`bases/${golden.base}`), join(root, "adapters", golden.id)];
  const { outcome } = await edit(editSpec.parse({ edit: "merge", base, tuned, dtype: "F32", out }), services);
  // Biases that follow a formula are written as matrices of one column, and are none.
  const edited = outcome.modules.map(({ module }) => module);
  expect(edited.filter((name) => Object.hasOwn(golden.vectors ?? {}, name))).toEqual([]);
  const { matrices, vectors } = await pair(await open(base), await open(out));
  const ofMatrices = matrices.map(({ name, base, delta }) => [name, difference(base, delta.replacement)] as const);
  const ofVectors = vectors.map((found): readonly [string, Matrix] => {
    const { rows, columns, data } = difference(found.base, found.mode === "replace" ? found.tuned : undefined);
    return [found.name, { rows: rows * columns, columns: 1, data }];
  });
  return new Map([...ofMatrices, ...ofVectors]);
}

function difference(base: MatrixView | undefined, tuned: MatrixView | undefined): Matrix {
  if (base === undefined || tuned === undefined) throw new Error("a merged checkpoint has full tensors");
  const [before, after] = [readView(base), readView(tuned)];
  return { ...after, data: after.data.map((value, i) => value - (before.data[i] ?? 0)) };
}

async function refusalOf<Result>(
  work: () => Promise<Result>,
): Promise<{ refusal: string } | { refusal?: never; result: Result }> {
  try {
    return { result: await work() };
  } catch (thrown) {
    return { refusal: toDeltaScopeError(thrown).code };
  }
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

describe.each(cases.map((golden) => [golden.id, golden] as const))("%s", (_, golden) => {
  test("states exactly the matrices and vectors that change, with its alerts", async () => {
    const stated = await pairing(golden);
    const { pairing: checked, alerts } = await checkEvidence(stated, backend, undefined);
    const { matrices, vectors } = checked;
    const names = matrices.filter(({ delta }) => Object.keys(delta).length > 0).map(({ name }) => name);
    expect(names.filter((name) => !ZEROS.has(`${golden.id} ${name}`)).sort()).toEqual(
      Object.keys(golden.matrices).sort(),
    );
    expect(vectors.map(({ name }) => name).sort()).toEqual(Object.keys(golden.vectors ?? {}).sort());
    expect([...stated.alerts, ...alerts].map(({ code }) => code)).toEqual(golden.alerts);
  });

  test("the analysis finds the size of every change", async () => {
    const { matrices, vectors } = await pairing(golden);
    for (const { name, base, delta } of matrices) {
      const { run } = await measure({ name, base, delta });
      expect(run?.error).toBeUndefined();
      expectSize(name, run?.answer?.delta.frobenius, golden.matrices[name]);
    }
    for (const found of vectors) {
      expectSize(found.name, (await backend.vectorDelta(found)).deltaFrobenius, golden.vectors?.[found.name]);
    }
  });

  test("over a quantised base the same sizes come out, or a refusal says why not", async () => {
    const base = await open(
      writeQuantisedCopy((await open(goldenPath(`bases/${golden.base}`))) as Checkpoint, temporaryFolder()),
    );
    const tuned = await open(join(root, "adapters", golden.id));
    if (BESIDE_QUANTISED.test(golden.id)) {
      const { matrices, vectors } = await pair(base, tuned);
      expect(matrices.length + vectors.length).toBe(Object.keys({ ...golden.matrices, ...golden.vectors }).length);
      return;
    }
    const stated = await refusalOf(() => pair(base, tuned));
    if (stated.refusal !== undefined) {
      expect([stated.refusal, STANDS_ALONE.test(golden.id)]).toEqual(["checkpoint.quantised", false]);
      return;
    }
    const { matrices, alerts } = stated.result;
    expect(alerts.map(({ code }) => code)).toContain("checkpoint.quantised-base");
    expect(matrices.map(({ name }) => name).sort()).toEqual(Object.keys(golden.matrices).sort());
    for (const found of matrices) {
      const { base: own, run } = await measure(found);
      expect(run?.error).toBeUndefined();
      expect([found.base, own, run?.answer?.sides]).toEqual([undefined, undefined, []]);
      const expected = golden.matrices[found.name]?.frobenius ?? 0;
      expect(Math.abs((run?.answer?.delta.frobenius ?? 0) - expected) / expected).toBeLessThan(TOLERANCE);
    }
  });

  test("merging writes what peft computes", async () => {
    if (golden.alerts.includes("adapter.not-mergeable")) {
      await expect(merged(golden)).rejects.toMatchObject({ code: "edit.not-possible" });
      return;
    }
    const changes = await merged(golden);
    for (const [name, truth] of Object.entries({ ...golden.matrices, ...golden.vectors })) {
      const found = (changes.get(name) ?? changes.get(SHARED.get(name) ?? "")) as Matrix;
      expectSize(name, norm(found.data), truth);
      // A probe is a sum over all entries, each with a factor of at most 1.
      const size = truth.frobenius * Math.sqrt(found.rows * found.columns);
      probesOf(found).forEach((value, index) => {
        expect([name, Math.abs(value - (truth.probes[index] as number)) / size < TOLERANCE]).toEqual([name, true]);
      });
    }
  });
});

/** Nothing changes where there is no truth. */
function expectSize(name: string, found: number | undefined, truth: Size | undefined): void {
  if (truth === undefined) expect([name, found]).toEqual([name, 0]);
  else expect([name, Math.abs((found ?? 0) - truth.frobenius) / truth.frobenius < TOLERANCE]).toEqual([name, true]);
}
