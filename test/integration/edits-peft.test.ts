/**
 * What the edits write, loaded by peft and transformers and compared with what numpy says they should have written.
 * Needs a Python with those libraries: $DELTASCOPE_PYTHON, or the trainer's own environment.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type EditSpec, editSpec } from "../../src/contract/domain/edit.ts";
import { materialiseVariant } from "../../src/engine/edit/variant.ts";
import { edit, editServices } from "../builders/edit-bench.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { hasPython, noPython, python } from "../builders/trainer-python.ts";
import { goldenCases, goldenPath } from "./golden-truth.ts";

const program = join(import.meta.dirname, "../../tools/check-edits/main.py");
const demo = (name: string): string => join(import.meta.dirname, "../../demo", name);

/** Float32 of factors and weights, relative to ΔW of one matrix. */
const floatBound = 1e-6;
/** Of a 16-bit matrix some entries lie so near to the middle between two values that float64 decides either way. */
const halfBound = 1e-3;

interface Case {
  name: string;
  /** What the check is asked. */
  question: Record<string, unknown>;
  bound: number;
}

const services = editServices();
const folder = temporaryFolder();
const module = "model.layers.0.self_attn.q_proj";
let count = 0;

async function written(question: Record<string, unknown>, spec: object, bound = floatBound): Promise<Case> {
  count += 1;
  const out = join(folder, String(count));
  const full: EditSpec = editSpec.parse({ ...spec, out });
  await edit(full, services);
  return { name: JSON.stringify(spec), question: { ...question, edit: full.edit, base: demo("base"), out }, bound };
}

function intervention(tuned: string, arm: string, lambda: number, which: unknown, rest: object = {}): Promise<Case> {
  const chosen =
    typeof which === "string"
      ? which
      : Object.entries(which as object).map(([name, vectors]) => ({ module: name, vectors }));
  const spec = {
    edit: "intervene",
    base: demo("base"),
    tuned: demo(tuned),
    intervention: { arm, lambda, which: chosen },
  };
  return written({ tuned: demo(tuned), arm, lambda, which, ...rest }, { ...spec, ...rest });
}

/** A variant of the scorer: a checkpoint with factors on it. */
async function variant(
  tuned: string,
  arm: "scale" | "step",
  lambda: number,
  which: "strongest" | "all",
): Promise<Case> {
  const change = { arm, lambda, which, k: 10, epsilon: 0.5 };
  const { model, factors } = await materialiseVariant(
    { base: demo("base"), tuned: demo(tuned), intervention: change },
    services,
  );
  const question = { edit: "factors", base: demo("base"), tuned: demo(tuned), model, factors: factors ?? null };
  return { name: `variant ${arm} of ${tuned}`, question: { ...question, arm, lambda, which }, bound: floatBound };
}

async function allCases(): Promise<Case[]> {
  const base = demo("base");
  const members = ["trace/lora-r1-step037", "trace/lora-r1-step111", "lora-r1"].map(demo);
  const cases: Case[] = [];
  for (const arm of ["scale", "step", "shrink", "rescaled", "interpolate", "neighbour"]) {
    cases.push(await intervention("lora-r4-hot", arm, 0.5, "all"));
  }
  cases.push(await intervention("lora-r1", "scale", 0, "strongest"));
  cases.push(await intervention("lora-r1", "scale", 0.2, "strongest", { full: true, dtype: "F32" }));
  cases.push(await intervention("fft", "scale", 0.5, { [module]: [0, 3] }, { dtype: "F32" }));
  cases.push(await intervention("fft", "interpolate", 0.3, "all", { dtype: "F32" }));
  cases.push(await intervention("dora-r4", "scale", 0.5, { [module]: [0] }, { dtype: "F32" }));
  cases.push(
    await written(
      { tuned: demo("lora-r4"), dtype: "BF16" },
      { edit: "merge", base, tuned: demo("lora-r4") },
      halfBound,
    ),
  );
  cases.push(
    await written(
      { tuned: demo("dora-r4"), dtype: "F32" },
      { edit: "merge", base, tuned: demo("dora-r4"), dtype: "F32" },
    ),
  );
  cases.push(
    await written({ tuned: demo("fft"), rank: 8 }, { edit: "extract-lora", base, tuned: demo("fft"), rank: 8 }),
  );
  cases.push(
    await written({ tuned: demo("fft"), energy: 0.9 }, { edit: "extract-lora", base, tuned: demo("fft"), energy: 0.9 }),
  );
  cases.push(await written({ members, weights: [1, 2, 5] }, { edit: "average", base, members, weights: [1, 2, 5] }));
  const full = ["fft", "fft-hot"].map(demo);
  cases.push(await written({ members: full, dtype: "BF16" }, { edit: "average", members: full }, halfBound));
  cases.push(await variant("lora-r1", "scale", 0.7, "all"));
  cases.push(await variant("lora-r1", "step", 0.7, "all"));
  return cases;
}

interface Result {
  error: number;
  where: string;
  changed: number;
}

/** Cases whose result is not what was meant, with how far it is and where. */
function wrongOnes(cases: readonly Case[]): string[] {
  const answer = spawnSync(python, ["-W", "ignore", program], {
    input: JSON.stringify(cases.map(({ question }) => question)),
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1", OMP_WAIT_POLICY: "passive", HF_HUB_OFFLINE: "1" },
  });
  expect(answer.status, answer.stderr).toBe(0);
  const results = answer.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Result);
  expect(results).toHaveLength(cases.length);
  return cases.flatMap(({ name, bound }, index) => {
    const { error, where } = results[index] as Result;
    return error < bound ? [] : [`${name}: ${error} in ${where}`];
  });
}

test("peft and transformers load what was meant", { timeout: 600_000 }, async ({ skip }) => {
  skip(!hasPython, noPython);
  expect(wrongOnes(await allCases())).toEqual([]);
});

/** Golden pairs of an adapter that no checkpoint of its base can hold; FP8 is read, and never written. */
const notMergeable = ["fp8-dora", "lora-bias-new", "replicated-layers", "vocabulary-cut", "vocabulary-grown"];
/** peft applies nothing of these, or not all of it, where the project does. */
const readDifferently = ["experts-and-dense", "headless", "name-in-keys"];

test("merges are those of merge_and_unload, for every golden adapter", { timeout: 600_000 }, async ({ skip }) => {
  skip(!hasPython, noPython);
  const refused: string[] = [];
  const cases: Case[] = [];
  for (const golden of goldenCases) {
    const [, name = ""] = /^adapters\/(.+)$/.exec(golden.tuned) ?? [];
    if (name === "" || golden.error !== undefined || readDifferently.includes(name)) continue;
    const [base, tuned, out] = [
      goldenPath(golden.base),
      goldenPath(golden.tuned),
      join(folder, `golden-${cases.length}`),
    ];
    const dtype = name === "plain-double" ? "source" : "F32";
    try {
      await edit(editSpec.parse({ edit: "merge", base, tuned, dtype, out }), services);
      const question = { edit: "merge", base, tuned, out, ...(dtype === "F32" && { dtype }) };
      cases.push({ name, question, bound: floatBound });
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: "edit.not-possible" });
      refused.push(golden.id);
    }
  }
  expect(refused.sort()).toEqual(notMergeable);
  expect(cases.length).toBeGreaterThan(60);
  expect(wrongOnes(cases)).toEqual([]);
});
