/** What edits leave on disk: whole folders in the source's layout, or nothing. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { type EditSpec, editDocument, editSpec } from "../../src/contract/domain/edit.ts";
import { toDeltaScopeError } from "../../src/contract/errors.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import { runEdit } from "../../src/engine/edit/run.ts";
import { tinyFactors, tinyTensors, writeAdapter, writeCheckpoint, writeJson } from "../builders/checkpoint.ts";
import { edit, editServices } from "../builders/edit-bench.ts";
import { readView } from "../builders/evaluate-statement.ts";
import { temporaryFolder } from "../builders/folders.ts";

const services = editServices();
let folder = "";
const at = (...names: string[]): string => join(folder, ...names);

beforeEach(() => {
  folder = temporaryFolder();
});

function code(spec: object, signal?: AbortSignal): Promise<unknown> {
  return edit(editSpec.parse(spec), services, signal).then(
    () => "written",
    (thrown) => thrown.code,
  );
}

/** Reads a stream to its end; the code of what it throws. */
async function ended(stream: AsyncIterable<unknown>): Promise<string | undefined> {
  try {
    for await (const _event of stream);
    return undefined;
  } catch (thrown) {
    return toDeltaScopeError(thrown).code;
  }
}

/** Everything of the test's folder, hidden names included. */
function expectOnly(...names: string[]): void {
  expect(readdirSync(folder).sort()).toEqual(names.sort());
}

const merge = (change: object = {}) => ({
  edit: "merge",
  base: at("base"),
  tuned: at("lora"),
  out: at("out"),
  ...change,
});

describe("a written checkpoint", () => {
  test("has the source's shards, an index, and the tokenizer; code and pickles stay behind", async () => {
    writeCheckpoint(at("base"), { shards: 3, dtype: "BF16" });
    writeAdapter(at("lora"));
    const beside = {
      "tokenizer.json": "{}",
      "generation_config.json": "{}",
      "modeling_evil.py": "boom()",
      "optimizer.pt": "x",
    };
    for (const [name, text] of Object.entries(beside)) writeFileSync(at("base", name), text);
    mkdirSync(at("base", "inside"));
    const document = await edit(editSpec.parse(merge()), services);
    expect(editDocument.parse(document)).toEqual(document);
    const shards = [1, 2, 3].map((part) => `model-0000${part}-of-00003.safetensors`);
    const names = [
      "config.json",
      "generation_config.json",
      "model.safetensors.index.json",
      "tokenizer.json",
      ...shards,
    ];
    expect(readdirSync(at("out")).sort()).toEqual(names.sort());
    expect(document.outcome.files.map(({ name }) => name).sort()).toEqual(names);
    const index = JSON.parse(readFileSync(at("out", "model.safetensors.index.json"), "utf8"));
    const [before, after] = await Promise.all([open(at("base")), open(at("out"))]);
    expect(after.alerts).toEqual([]);
    expect(Object.keys(index.weight_map).sort()).toEqual([...after.tensors.keys()].sort());
    for (const [name, tensor] of after.tensors) {
      const old = before.tensors.get(name);
      expect([name, tensor.dtype, tensor.shape]).toEqual([name, old?.dtype, old?.shape]);
      const same = readFileSync(tensor.path)
        .subarray(tensor.begin, tensor.end)
        .equals(readFileSync(old?.path ?? "").subarray(old?.begin, old?.end));
      expect([name, same]).toEqual([name, !/(q|v)_proj\.weight/.test(name)]);
    }
  });

  test("of another type says so in its configuration", async () => {
    writeCheckpoint(at("base"), { dtype: "BF16", config: { torch_dtype: "bfloat16", dtype: "bfloat16", extra: [1] } });
    writeAdapter(at("lora"));
    await edit(editSpec.parse(merge({ dtype: "F32" })), services);
    const config = JSON.parse(readFileSync(at("out", "config.json"), "utf8"));
    expect(config).toMatchObject({ torch_dtype: "float32", dtype: "float32", extra: [1], model_type: "qwen2" });
    expect((await open(at("out"))).dtype).toBe("F32");
  });

  test("rounding of a small update to 16 bits is reported with the share that is lost", async () => {
    writeCheckpoint(at("base"), { dtype: "BF16" });
    const small = [...tinyFactors()].map(
      ([name, tensor]) => [name, { ...tensor, data: Array.from(tensor.data, (value) => value * 0.05) }] as const,
    );
    writeAdapter(at("lora"), { tensors: new Map(small) });
    const { outcome, alerts } = await edit(editSpec.parse(merge()), services);
    expect(alerts.map(({ code: name }) => name)).toContain("edit.rounding");
    const [before, after] = await Promise.all([open(at("base")), open(at("out"))]);
    // ⟨ΔW_read, ΔW_meant⟩ / ‖ΔW_meant‖² from the files themselves.
    const exact = join(folder, "exact");
    await edit(editSpec.parse(merge({ dtype: "F32", out: exact })), services);
    const meant = await open(exact);
    let [inner, whole] = [0, 0];
    for (const name of after.tensors.keys()) {
      const [old, read, want] = [before, after, meant].map(
        ({ tensors }) => readView({ tensor: tensors.get(name) as never }).data,
      );
      old?.forEach((value, i) => {
        const delta = (want?.[i] ?? 0) - value;
        inner += delta * ((read?.[i] ?? 0) - value);
        whole += delta * delta;
      });
    }
    expect(outcome.roundingLoss).toBeCloseTo(Math.max(0, 1 - inner / whole), 4);
  });
});

describe("nothing is left", () => {
  beforeEach(() => {
    writeCheckpoint(at("base"));
  });

  test("of weights that hold NaN", async () => {
    const tensors = tinyFactors();
    const [name, tensor] = [...tensors][0] as [string, { dtype: string; shape: number[]; data: ArrayLike<number> }];
    tensors.set(name, {
      ...tensor,
      data: Array.from(tensor.data, (value, index) => (index === 3 ? Number.NaN : value)),
    });
    writeAdapter(at("lora"), { tensors });
    expect(await code(merge())).toBe("analysis.not-finite");
    expect(await code({ ...merge(), edit: "intervene", intervention: { lambda: 0.5 } })).toBe("analysis.not-finite");
    expectOnly("base", "lora");
  });

  test("of values that the type cannot hold", async () => {
    const tensors = [...tinyFactors()].map(
      ([name, tensor]) => [name, { ...tensor, data: Array.from(tensor.data, () => 500) }] as const,
    );
    writeAdapter(at("lora"), { tensors: new Map(tensors) });
    expect(await code(merge({ dtype: "F16" }))).toBe("analysis.not-finite");
    expectOnly("base", "lora");
  });

  test("of a cancelled edit, whenever the cancel comes", async () => {
    writeAdapter(at("lora"));
    const early = new AbortController();
    early.abort();
    expect(await code(merge(), early.signal)).toBe("job.cancelled");
    const late = new AbortController();
    const spec = editSpec.parse({
      ...merge(),
      edit: "intervene",
      full: true,
      intervention: { lambda: 0.5, which: [{ module: "model.layers.0.self_attn.q_proj", vectors: [0] }] },
    });
    const stream = runEdit(spec, services, late.signal);
    await stream.next();
    late.abort();
    const outcome = await ended(stream);
    if (outcome === "job.cancelled") expectOnly("base", "lora");
    else expectOnly("base", "lora", "out"); // it was faster than the cancel
  });

  test("of an output that is there already; it stays as it was", async () => {
    writeAdapter(at("lora"));
    mkdirSync(at("out"));
    writeJson(at("out", "config.json"), { mine: true });
    expect(await code(merge())).toBe("output.exists");
    expect(JSON.parse(readFileSync(at("out", "config.json"), "utf8"))).toEqual({ mine: true });
    expect(await code(merge({ overwrite: true }))).toBe("written");
    expect(existsSync(at("out", "model.safetensors"))).toBe(true);
    expectOnly("base", "lora", "out");
  });
});

describe("averages", () => {
  const average = (members: string[], change: object = {}) => ({
    edit: "average",
    members: members.map((name) => at(name)),
    out: at("out"),
    ...change,
  });

  test("weigh checkpoints in float64 and keep the first one's type", async () => {
    writeCheckpoint(at("a"), { seed: 1 });
    writeCheckpoint(at("b"), { seed: 2 });
    await edit(editSpec.parse(average(["a", "b"], { weights: [1, 3] })), services);
    const [a, b, out] = await Promise.all(["a", "b", "out"].map((name) => open(at(name))));
    for (const [name, tensor] of out?.tensors ?? []) {
      const [first, second, read] = [a?.tensors.get(name), b?.tensors.get(name), tensor].map(
        (one) => readView({ tensor: one as never }).data,
      );
      const meant = Float32Array.from(first ?? [], (value, i) => 0.25 * value + 0.75 * (second?.[i] ?? 0));
      expect(read).toEqual(Float64Array.from(meant));
    }
  });

  test.each([
    [
      "another shape",
      () => writeCheckpoint(at("b"), { shape: { intermediate: 32 } }),
      "pairing.shape-mismatch",
      "gate_proj",
    ],
    ["another tensor", () => writeCheckpoint(at("b"), { shape: { biases: false } }), "pairing.shape-mismatch", "bias"],
    ["an adapter", () => writeAdapter(at("b")), "edit.not-possible", "full checkpoint"],
  ])("of %s are refused with its name", async (_what, write, expected, word) => {
    writeCheckpoint(at("a"), { tensors: tinyTensors() });
    write();
    const spec: EditSpec = editSpec.parse(average(["a", "b"]));
    await expect(edit(spec, services)).rejects.toMatchObject({
      code: expected,
      message: expect.stringContaining(word),
    });
    expectOnly("a", "b");
  });

  test("of adapters need one base", async () => {
    for (const name of ["base", "other"]) writeCheckpoint(at(name), { seed: name.length });
    for (const [name, base] of [
      ["a", "base"],
      ["b", "other"],
    ] as const)
      writeAdapter(at(name), { config: { base_model_name_or_path: `../${base}` } });
    await expect(edit(editSpec.parse(average(["a", "b"])), services)).rejects.toMatchObject({
      code: "edit.not-possible",
      message: expect.stringContaining("--base"),
    });
    await expect(edit(editSpec.parse(average(["a", "a"])), services)).resolves.toMatchObject({
      outcome: { kind: "adapter" },
    });
  });
});
