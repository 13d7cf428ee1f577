/** Families whose modules share random bases, banks or vectors. */
import { describe, expect, test } from "vitest";
import { codesOf, ON_Q, P, Q0, Q1, read, refusalOf, V0 } from "../../../../test/builders/adapter-reading.ts";
import type { Shapes } from "../../../../test/builders/headers.ts";

const AT = `${P}${Q0}`;
const FIRST = { ...ON_Q, layers_to_transform: [0] };
const whole = (dtype: string, ...shape: number[]) => ({ shape, dtype });
const codeOf = (config: Record<string, unknown>, tensors: Shapes) => refusalOf({ ...FIRST, ...config }, tensors).code;

describe("RANDLORA", () => {
  const randlora = { peft_type: "RANDLORA", r: 3, randlora_alpha: 6 };
  const scales = { [`${AT}.randlora_lambda`]: [3, 3], [`${AT}.randlora_gamma`]: [3, 8] };
  const shared = { "base_model.randlora_A": [3, 1, 9], "base_model.randlora_B": [10, 4, 3] };
  const copies = { [`${AT}.randlora_A`]: [3, 1, 9], [`${AT}.randlora_B`]: [10, 4, 3] };

  test("the bases are cut to the matrix; the copies beside each module are no oddity", () => {
    const { matrices, alerts } = read({ ...FIRST, ...randlora }, { ...scales, ...shared, ...copies });
    expect(alerts).toEqual([]);
    expect(matrices[0]?.delta.formula).toMatchObject({
      kind: "bases",
      numbers: { scale: 2 },
      views: {
        small: { shape: [3, 9], columns: { count: 8 } },
        large: { shape: [10, 12], rows: { count: 8 }, columns: { count: 9 } },
      },
    });
  });

  test.each([
    [{}, scales, "adapter.projection-not-saved"],
    [{ save_projection: false }, { ...scales, ...shared }, "adapter.projection-not-saved"],
    [{}, { ...scales, ...shared, "base_model.randlora_A": [3, 1, 7] }, "adapter.shape-mismatch"],
    [{}, { ...scales, ...shared, "base_model.randlora_B": [7, 4, 3] }, "adapter.shape-mismatch"],
    [{}, { ...scales, ...shared, "base_model.randlora_B": [8, 2, 3] }, "adapter.shape-mismatch"],
    [{ r: 4 }, { ...scales, ...shared }, "adapter.shape-mismatch"],
    [{}, { ...shared, [`${AT}.randlora_lambda`]: [3, 3] }, "adapter.tensor-missing"],
  ])("%j → %s", (config, tensors, code) => {
    expect(codeOf({ ...randlora, ...config }, tensors)).toBe(code);
  });
});

describe("PVERA", () => {
  const pvera = { peft_type: "PVERA", r: 2 };
  const scales = { [`${AT}.pvera_lambda_b`]: [8], [`${AT}.pvera_lambda_d`]: [4] };
  const shared = { "base_model.pvera_A": [4, 8], "base_model.pvera_B": [8, 2] };

  test("the first halves of A and d give the mean", () => {
    const { views } = read({ ...FIRST, ...pvera }, { ...scales, ...shared }).matrices[0]?.delta.formula ?? {};
    expect(views).toMatchObject({ right: { rows: { count: 2 } }, middle: { shape: [1, 2] } });
  });

  test("a raw state dict has copies beside each module, which are no oddity", () => {
    const raw = Object.fromEntries(
      Object.entries({ ...scales, ...shared, [`${AT}.pvera_A`]: [4, 8], [`${AT}.pvera_B`]: [8, 2] }).map(
        ([key, shape]) => [`${key}.default`, shape],
      ),
    );
    const { matrices, unpaired, alerts } = read({ ...FIRST, ...pvera }, raw);
    expect(matrices.map(({ name }) => name)).toEqual([Q0]);
    expect([unpaired, alerts.map(({ code }) => code)]).toEqual([[], ["adapter.name-in-keys"]]);
  });

  test("a model that keeps drawing differs from the merged one", () => {
    const drawing = { ...FIRST, ...pvera, sample_at_inference: true };
    expect(codesOf(drawing, { ...scales, ...shared })).toEqual(["adapter.not-mergeable"]);
  });

  test("projections that are not saved or too small are refused", () => {
    expect(codeOf(pvera, scales)).toBe("adapter.projection-not-saved");
    expect(codeOf({ ...pvera, save_projection: false }, scales)).toBe("adapter.projection-not-saved");
    expect(codeOf(pvera, { ...scales, ...shared, "base_model.pvera_B": [7, 2] })).toBe("adapter.shape-mismatch");
  });
});

describe("VBLORA", () => {
  const vblora = { peft_type: "VBLORA", r: 2 };
  const bank = { "base_model.vblora_vector_bank": [6, 4] };
  const logits = { [`${AT}.vblora_logits_A`]: [2, 2, 6], [`${AT}.vblora_logits_B`]: [2, 2, 6] };
  const best = (topk: number): Shapes => ({
    [`${AT}.vblora_logits_A_topk_indices`]: whole("U8", 2, 2, topk),
    [`${AT}.vblora_logits_A_topk_weights`]: [2, 2, topk - 1],
    [`${AT}.vblora_logits_B_topk_indices`]: whole("U8", 2, 2, topk),
    [`${AT}.vblora_logits_B_topk_weights`]: [2, 2, topk - 1],
  });

  test("logits, or the best vectors with their weights", () => {
    const kept = read({ ...FIRST, ...vblora }, { ...bank, ...logits });
    expect(kept.matrices[0]?.delta.formula).toMatchObject({ kind: "bank", numbers: { rank: 2, topk: 2 } });
    const cut = read({ ...FIRST, ...vblora, topk: 3 }, { ...bank, ...best(3) });
    expect(cut.alerts).toEqual([]);
    expect(cut.matrices[0]?.delta.formula?.positions).toMatchObject({ indices_a: { dtype: "U8" } });
    expect(codesOf({ ...FIRST, ...vblora, topk: 1 }, { ...bank, ...best(1) })).toEqual([]);
  });

  test.each([
    [{}, logits, "adapter.projection-not-saved"],
    [{}, { ...logits, "base_model.vblora_vector_bank": [6, 3] }, "adapter.shape-mismatch"],
    [{ topk: 7 }, { ...bank, ...logits }, "adapter.shape-mismatch"],
    [{ topk: 0 }, { ...bank, ...logits }, "adapter.config-invalid"],
    [{ topk: 2 }, { ...bank, ...best(3) }, "adapter.shape-mismatch"],
    [{ r: 3 }, { ...bank, ...logits }, "adapter.shape-mismatch"],
    [{ layers_to_transform: null }, { ...bank, ...logits }, "adapter.tensor-missing"],
  ])("%j → %s", (config, tensors, code) => {
    expect(codeOf({ ...vblora, ...config }, tensors)).toBe(code);
  });
});

describe("UNILORA", () => {
  const unilora = { peft_type: "UNILORA", r: 2, save_indices: true };
  const theta = { "base_model.unilora_theta_d": [9] };
  const stored: Shapes = {
    [`${AT}.unilora_indices_A`]: whole("I64", 2, 8),
    [`${AT}.unilora_indices_B`]: whole("I64", 8, 2),
    [`${AT}.unilora_scales_A`]: [2, 8],
    [`${AT}.unilora_scales_B`]: [8, 2],
  };

  test("every entry points into one vector", () => {
    const { matrices, alerts } = read({ ...FIRST, ...unilora }, { ...theta, ...stored });
    expect(alerts).toEqual([]);
    expect(matrices[0]?.delta.formula).toMatchObject({ kind: "picked", numbers: { rank: 2 } });
  });

  test.each([
    [{ save_indices: false }, { ...theta, ...stored }, "adapter.projection-not-saved"],
    [{ save_indices: undefined }, { ...theta, ...stored }, "adapter.projection-not-saved"],
    [{}, stored, "adapter.projection-not-saved"],
    [{ r: 3 }, { ...theta, ...stored }, "adapter.shape-mismatch"],
    [{ layers_to_transform: null }, { ...theta, ...stored }, "adapter.tensor-missing"],
  ])("%j → %s", (config, tensors, code) => {
    expect(codeOf({ ...unilora, ...config }, tensors)).toBe(code);
  });
});

describe("TINYLORA", () => {
  const factors = (name: string, rows = 8): Shapes => ({
    [`${P}${name}.tinylora_A`]: [2, 8],
    [`${P}${name}.tinylora_B`]: [rows, 2],
    [`${P}${name}.tinylora_P`]: [3, 2, 2],
  });
  const vectors = (count: number): Shapes =>
    Object.fromEntries(Array.from({ length: count }, (_, group) => [`base_model.tinylora_v.${group}`, [3]]));
  const both = { peft_type: "TINYLORA", r: 2, target_modules: ["v_proj", "q_proj"] };
  const files = { ...factors(Q0), ...factors(Q1), ...factors(V0, 4), ...factors(V0.replace("0", "1"), 4) };

  function groupsOf(tying: number, count: number): Record<string, string | undefined> {
    const { matrices } = read({ ...both, weight_tying: tying }, { ...vectors(count), ...files });
    return Object.fromEntries(
      matrices.map(({ name, delta }) => {
        const weights = delta.formula?.views.weights?.tensor as { storedName?: string } | undefined;
        return [name, weights?.storedName?.split(".").at(-1)];
      }),
    );
  }

  test("vectors follow the order of the running model", () => {
    const [v0, v1] = [V0, V0.replace("0", "1")];
    expect(groupsOf(0, 4)).toEqual({ [Q0]: "0", [v0]: "1", [Q1]: "2", [v1]: "3" });
    expect(groupsOf(0.5, 2)).toEqual({ [Q0]: "0", [v0]: "0", [Q1]: "1", [v1]: "1" });
    // 4 · 0.625 = 2.5 rounds to 2, 4 · 0.375 = 1.5 as well.
    expect(groupsOf(0.375, 2)).toEqual(groupsOf(0.5, 2));
    expect(groupsOf(0.625, 2)).toEqual(groupsOf(0.5, 2));
    // Three groups of one each; the last takes the rest.
    expect(groupsOf(0.25, 3)).toEqual({ [Q0]: "0", [v0]: "1", [Q1]: "2", [v1]: "2" });
    expect(new Set(Object.values(groupsOf(1, 1)))).toEqual(new Set(["0"]));
  });

  test.each([
    [{ weight_tying: 1.5 }, "adapter.config-invalid"],
    [{ save_projection: false }, "adapter.projection-not-saved"],
    [{ target_modules: ["q_proj", "other"], layers_to_transform: null }, "adapter.projection-not-saved"],
  ])("%j → %s", (config, code) => {
    expect(refusalOf({ ...both, ...config }, files).code).toBe(code);
  });

  test("modules whose place in the running model is not known are refused, unless all share one vector", () => {
    const name = "model.layers.0.mixer.in_proj";
    const base: Shapes = { [`${name}.weight`]: [8, 8], [`${Q0}.weight`]: [8, 8] };
    const config = { ...both, target_modules: ["in_proj", "q_proj"] };
    const tensors = { ...vectors(2), ...factors(name), ...factors(Q0) };
    expect(refusalOf(config, tensors, base).code).toBe("adapter.unsupported");
    expect(read({ ...config, weight_tying: 1 }, tensors, base).matrices).toHaveLength(2);
  });
});

describe("raw state dicts", () => {
  const sharedViews = (config: Record<string, unknown>, tensors: Shapes) => {
    const { matrices, alerts } = read({ ...FIRST, ...config }, tensors);
    expect(alerts[0]?.code).toBe("adapter.name-in-keys");
    const views = Object.values(matrices[0]?.delta.formula?.views ?? {});
    const names = views.map(({ tensor }) => (tensor as { storedName?: string }).storedName ?? "");
    return names.filter((name) => !name.startsWith(P)).sort();
  };

  test.each([
    [
      { peft_type: "VERA", r: 2 },
      { vera_lambda_b: [8], vera_lambda_d: [2] },
      { "vera_A.mine": [2, 8], "vera_B.mine": [8, 2] },
    ],
    [
      { peft_type: "FROD" },
      { frod_lambda_l: [8], frod_lambda_s_values: [0] },
      { "frod_V.self_attn_q_proj.mine": [8, 8] },
    ],
    [
      { peft_type: "TINYLORA", r: 2 },
      { tinylora_A: [2, 8], tinylora_B: [8, 2], tinylora_P: [3, 2, 2] },
      { "tinylora_v.mine.0": [3] },
    ],
  ])("%j: what modules share carries the adapter's name too", (config, own, shared) => {
    const named = Object.fromEntries(Object.entries(own).map(([name, shape]) => [`${AT}.${name}.mine`, shape]));
    const both = Object.fromEntries(Object.entries(shared).map(([name, shape]) => [`base_model.${name}`, shape]));
    expect(sharedViews(config, { ...named, ...both })).toEqual(Object.keys(both).sort());
    const other = Object.fromEntries(
      Object.entries(both).map(([name, shape]) => [name.replace("mine", "yours"), shape]),
    );
    expect(refusalOf({ ...FIRST, ...config }, { ...named, ...other }).code).toBe("adapter.projection-not-saved");
  });
});
