/** Adapters of every family, as peft wrote and ran them: merged here, the change of each matrix is what peft computes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { editSpec } from "../../src/contract/domain/edit.ts";
import type { MatrixPair } from "../../src/contract/domain/pair.ts";
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
  matrices: Record<string, { frobenius: number; probes: number[] }>;
}

/** Relative to ‖ΔW‖. peft itself takes PiSSA's and OLoRA's part out in float32. */
const TOLERANCE = 1e-5;

/** Status S of adapters.md: ΔW is the adapter's alone. The third MiSS is `bat`, which multiplies the base. */
const STANDS_ALONE =
  /^(?:adalora|bdlora|c3a|delora|fourierft|gralora|lo(?:ha|kr)|miss-[124]|p?vera|randlora|shira|(?:tiny|uni|vb)lora|supertuning|waveft)/;

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
  await edit(editSpec.parse({ edit: "merge", base, tuned, dtype: "F32", out }), services);
  const { matrices } = pair(await open(base), await open(out));
  const changes = matrices.map(({ name, base: view, delta }): [string, Matrix] => {
    if (view === undefined || delta.replacement === undefined) throw new Error(`${name} is no full matrix`);
    const [before, after] = [readView(view), readView(delta.replacement)];
    return [name, { ...after, data: after.data.map((value, i) => value - (before.data[i] ?? 0)) }];
  });
  return new Map(changes);
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

describe.each(cases.map((golden) => [golden.id, golden] as const))("%s", (_, golden) => {
  test("states exactly the matrices that change, with its alerts", async () => {
    const stated = await pairing(golden);
    const { pairing: checked, alerts } = await checkEvidence(stated, backend, undefined);
    const { matrices } = checked;
    const names = matrices.filter(({ delta }) => Object.keys(delta).length > 0).map(({ name }) => name);
    expect(names.sort()).toEqual(Object.keys(golden.matrices).sort());
    expect([...stated.alerts, ...alerts].map(({ code }) => code)).toEqual(golden.alerts);
  });

  test("the analysis finds the size of every change", async () => {
    for (const { name, base, delta } of (await pairing(golden)).matrices) {
      const { run } = await measure({ name, base, delta });
      const expected = golden.matrices[name]?.frobenius ?? 0;
      expect(run?.error).toBeUndefined();
      expect(Math.abs((run?.answer?.delta.frobenius ?? 0) - expected) / expected).toBeLessThan(TOLERANCE);
    }
  });

  test("over a quantised base the same sizes come out, or a refusal says why not", async () => {
    const base = await open(
      writeQuantisedCopy((await open(goldenPath(`bases/${golden.base}`))) as Checkpoint, temporaryFolder()),
    );
    const tuned = await open(join(root, "adapters", golden.id));
    if (!STANDS_ALONE.test(golden.id)) {
      expect(() => pair(base, tuned)).toThrowError(expect.objectContaining({ code: "checkpoint.quantised" }));
      return;
    }
    const { matrices, alerts } = pair(base, tuned);
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
    const changes = await merged(golden);
    for (const [name, truth] of Object.entries(golden.matrices)) {
      const found = changes.get(name) as Matrix;
      expect(Math.abs(norm(found.data) - truth.frobenius) / truth.frobenius).toBeLessThan(TOLERANCE);
      // A probe is a sum over all entries, each with a factor of at most 1.
      const size = truth.frobenius * Math.sqrt(found.rows * found.columns);
      probesOf(found).forEach((value, index) => {
        expect([name, Math.abs(value - (truth.probes[index] as number)) / size < TOLERANCE]).toEqual([name, true]);
      });
    }
  });
});
