import { describe, expect, test } from "vitest";
import { codesOf, ON_Q, P, Q, Q0, Q1, read, refusalOf } from "../../../../test/builders/adapter-reading.ts";
import type { Shapes } from "../../../../test/builders/headers.ts";

const HRA = { ...ON_Q, peft_type: "HRA", r: 2 };
const VERA = { ...ON_Q, peft_type: "VERA", r: 2, layers_to_transform: [0] };
const SCALES: Shapes = { [`${P}${Q0}.vera_lambda_b`]: [8], [`${P}${Q0}.vera_lambda_d`]: [2] };
const SHARED: Shapes = { "base_model.vera_A": [2, 8], "base_model.vera_B": [8, 2] };

describe("families with a formula", () => {
  test("targets without tensors are told as for LoRA", () => {
    const { matrices, unpaired } = read(HRA, { [`${P}${Q0}.hra_u`]: [8, 2] });
    expect(matrices).toMatchObject([{ name: Q0, delta: { formula: { kind: "reflection", shape: [8, 8] } } }]);
    expect(unpaired).toMatchObject([{ name: Q1, reason: "missing" }]);
    expect(codesOf(HRA, { [`${P}${Q0}.hra_u`]: [8, 2] })).toEqual(["adapter.tensors-missing"]);
  });

  test("tensors that do not fit are named with both shapes", () => {
    const refusal = refusalOf(HRA, { [`${P}${Q0}.hra_u`]: [9, 2] });
    expect(refusal).toMatchObject({ code: "adapter.shape-mismatch" });
    expect(refusal.message).toContain("hra_u is (9, 2), (8, 2) is needed");
  });

  test("shared projections belong to every module; without them nothing can be said", () => {
    expect(read(VERA, { ...SCALES, ...SHARED }).alerts).toEqual([]);
    expect(refusalOf(VERA, SCALES).code).toBe("adapter.projection-not-saved");
    expect(refusalOf(VERA, { ...SCALES, ...SHARED, "base_model.vera_A": [2, 7] }).code).toBe("adapter.shape-mismatch");
  });

  test("half of a module's tensors is no module", () => {
    const half = { [`${P}${Q0}.vera_lambda_b`]: [8], ...SHARED };
    expect(refusalOf(VERA, half)).toMatchObject({ code: "adapter.tensor-missing" });
  });

  test("settings of another kind than a number are refused", () => {
    const refusal = refusalOf(
      { ...ON_Q, peft_type: "FOURIERFT", scaling: "much" },
      { [`${P}${Q0}.fourierft_spectrum`]: [3] },
    );
    expect(refusal).toMatchObject({ code: "adapter.config-invalid" });
    expect(refusal.message).toContain('`scaling` is "much"');
  });
});

test("OFT sums at most a thousand terms; none at all is the identity, which is one", () => {
  const rotation = { [`${P}${Q0}.oft_R.weight`]: [2, 6] };
  const withTerms = (terms: number) => ({
    ...{ ...ON_Q, peft_type: "OFT", oft_block_size: 4, layers_to_transform: [0] },
    num_cayley_neumann_terms: terms,
  });
  const termsOf = (terms: number) => read(withTerms(terms), rotation).matrices[0]?.delta.formula?.numbers.terms;
  expect([termsOf(0), termsOf(1), termsOf(1000)]).toEqual([1, 1, 1000]);
  expect(refusalOf(withTerms(1001), rotation).code).toBe("adapter.unsupported");
  expect(refusalOf(withTerms(2.5), rotation).code).toBe("adapter.config-invalid");
});

describe("variants of LoRA", () => {
  test.each([
    [{ init_lora_weights: "lora_ga" }, "adapter.base-mutated", undefined],
    [{ alora_invocation_tokens: [1, 2] }, "adapter.not-mergeable", undefined],
    [{ init_lora_weights: "pissa" }, "adapter.base-mutated", { kind: "taken", numbers: { part: 0, factor: 1 } }],
    [{ init_lora_weights: "OLoRA" }, "adapter.base-mutated", { kind: "taken", numbers: { part: 2, factor: 2 } }],
  ])("%j", (config, code, formula) => {
    const { matrices, alerts } = read({ ...ON_Q, lora_alpha: 4, r: 2, ...config }, Q);
    expect(alerts.map((alert) => alert.code)).toEqual([code]);
    if (formula === undefined) expect(matrices[0]?.delta.formula).toBeUndefined();
    else expect(matrices[0]?.delta).toMatchObject({ formula, lowRank: [{ scale: 2 }] });
  });

  test("KaSA without its diagonal is refused", () => {
    expect(refusalOf({ ...ON_Q, kasa_config: {} }, Q).code).toBe("adapter.tensor-missing");
  });
});
