/** Families whose ΔW is single entries or coefficients at places, and GraLoRA's blocks. */
import { describe, expect, test } from "vitest";
import { ON_Q, P, Q, Q0, Q1, read, refusalOf } from "../../../../test/builders/adapter-reading.ts";
import { finish } from "../../../../test/builders/finish.ts";
import { headerAdapter, type Shapes } from "../../../../test/builders/headers.ts";
import { summarizeAdapter } from "../adapter.ts";

const AT = `${P}${Q0}`;
const FIRST = { ...ON_Q, layers_to_transform: [0] };
const whole = (dtype: string, ...shape: number[]) => ({ shape, dtype });
const deltaOf = (config: Record<string, unknown>, tensors: Shapes) =>
  read({ ...FIRST, ...config }, tensors).matrices[0]?.delta;
const codeOf = (config: Record<string, unknown>, tensors: Shapes) => refusalOf({ ...FIRST, ...config }, tensors).code;

describe("SHIRA", () => {
  const shira = { peft_type: "SHIRA" };

  test.each(["I32", "I64", "F32"])("entries with places in %s", (dtype) => {
    const delta = deltaOf(shira, { [`${AT}.shira_weight`]: [5], [`${AT}.shira_indices`]: whole(dtype, 2, 5) });
    expect(delta?.formula).toMatchObject({ kind: "sparse", positions: { places: { shape: [2, 5] } } });
  });

  test.each([
    [[5], whole("I32", 2, 4), "adapter.shape-mismatch"],
    [[5], whole("I32", 3, 5), "adapter.shape-mismatch"],
    [[0], whole("I32", 2, 0), "adapter.shape-mismatch"],
    [[5], whole("BOOL", 2, 5), "safetensors.dtype-unsupported"],
    [[5], whole("BF16", 2, 5), "safetensors.dtype-unsupported"],
  ])("values %j at %j → %s", (values, places, code) => {
    expect(codeOf(shira, { [`${AT}.shira_weight`]: values, [`${AT}.shira_indices`]: places })).toBe(code);
  });

  test("values without places are refused", () => {
    expect(codeOf(shira, { [`${AT}.shira_weight`]: [5] })).toBe("adapter.tensor-missing");
  });
});

describe("SUPERTUNING", () => {
  const supertuning = { peft_type: "SUPERTUNING", r: null, lora_alpha: null };
  const entries = { [`${AT}.supertuning_values`]: [5], [`${AT}.supertuning_indices`]: whole("I32", 5) };
  const factors = { [`${AT}.supertuning_lora_A.weight`]: [2, 8], [`${AT}.supertuning_lora_B.weight`]: [8, 2] };

  test("entries alone have no factors; alpha is twice the rank where it is not given", () => {
    expect(deltaOf(supertuning, entries)).toMatchObject({ formula: { kind: "sparse" } });
    expect(deltaOf(supertuning, entries)?.lowRank).toBeUndefined();
    const supra = { ...supertuning, r: 2 };
    expect(deltaOf(supra, { ...entries, ...factors })?.lowRank).toMatchObject([{ scale: 2 }]);
    expect(deltaOf({ ...supra, lora_alpha: 3 }, { ...entries, ...factors })?.lowRank).toMatchObject([{ scale: 1.5 }]);
  });

  test("places that are not saved, factors of another rank, a rank of nothing", () => {
    const unsaved = { ...supertuning, save_precomputed_indices: false };
    expect(codeOf(unsaved, entries)).toBe("adapter.projection-not-saved");
    expect(codeOf({ ...supertuning, r: 3 }, { ...entries, ...factors })).toBe("adapter.shape-mismatch");
    expect(codeOf({ ...supertuning, r: 0 }, { ...entries, ...factors })).toBe("adapter.config-invalid");
    expect(codeOf({ ...supertuning, r: 2, lora_alpha: "2" }, { ...entries, ...factors })).toBe(
      "adapter.config-invalid",
    );
  });
});

describe("WAVEFT", () => {
  const spectrum = { [`${AT}.waveft_spectrum`]: [5] };

  test("only Haar's wavelet is transformed; without a transform the wavelet does not matter", () => {
    expect(deltaOf({ peft_type: "WAVEFT" }, spectrum)?.formula).toMatchObject({
      kind: "wavelet",
      numbers: { seed: 777, scale: 25, transform: 1 },
    });
    const other = { peft_type: "WAVEFT", wavelet_family: "sym2" };
    expect(codeOf(other, spectrum)).toBe("adapter.unsupported");
    expect(deltaOf({ ...other, use_idwt: false }, spectrum)?.formula?.numbers).toMatchObject({ transform: 0 });
  });
});

describe("random places", () => {
  const families = [
    ["WAVEFT", "waveft_spectrum"],
    ["FOURIERFT", "fourierft_spectrum"],
  ];

  test.each(families)("%s: torch takes 32 bits of the seed", (type, factor) => {
    const seedOf = (seed: number) =>
      deltaOf({ peft_type: type, random_loc_seed: seed }, { [`${AT}.${factor}`]: [5] })?.formula?.numbers.seed;
    expect(seedOf(5)).toBe(5);
    expect(seedOf(2 ** 32 + 5)).toBe(5);
    expect(seedOf(-1)).toBe(2 ** 32 - 1);
  });

  test.each(families)("%s: more coefficients than entries, and matrices that are too large", (type, factor) => {
    expect(codeOf({ peft_type: type }, { [`${AT}.${factor}`]: [65] })).toBe("adapter.shape-mismatch");
    expect(codeOf({ peft_type: type, random_loc_seed: 0.5 }, { [`${AT}.${factor}`]: [5] })).toBe(
      "adapter.config-invalid",
    );
    const wide = (columns: number) => () =>
      read({ ...FIRST, peft_type: type }, { [`${AT}.${factor}`]: [5] }, { [`${Q0}.weight`]: [1, columns] });
    expect(wide(214_748_363)().matrices).toHaveLength(1);
    expect(wide(214_748_364)).toThrow("are known below 214748364 entries");
  });
});

describe("GRALORA", () => {
  const gralora = { peft_type: "GRALORA", r: 4, alpha: 6 };
  const factors = { [`${AT}.gralora_A`]: [2, 4, 4], [`${AT}.gralora_B`]: [2, 4, 4] };
  const general = { [`${AT}.gralora_A_general.weight`]: [2, 8], [`${AT}.gralora_B_general.weight`]: [8, 2] };

  test("the scale counts both ranks", () => {
    expect(deltaOf(gralora, factors)?.formula).toMatchObject({ kind: "grains", numbers: { blocks: 2, scale: 1.5 } });
    const hybrid = deltaOf({ ...gralora, hybrid_r: 2 }, { ...factors, ...general });
    expect(hybrid).toMatchObject({ formula: { numbers: { scale: 1 } }, lowRank: [{ scale: 1 }] });
  });

  test.each([
    [{ gralora_k: 3 }, factors, "adapter.shape-mismatch"],
    [{ gralora_k: 0 }, factors, "adapter.config-invalid"],
    [{ gralora_k: 1.5 }, factors, "adapter.config-invalid"],
    [{ hybrid_r: -1 }, factors, "adapter.config-invalid"],
    [{ hybrid_r: 2 }, factors, "adapter.tensor-missing"],
    [{}, { ...factors, [`${AT}.gralora_B`]: [2, 4, 5] }, "adapter.shape-mismatch"],
    [{}, { [`${AT}.gralora_A`]: [2, 4, 4] }, "adapter.tensor-missing"],
  ])("%j → %s", (config, tensors, code) => {
    expect(codeOf({ ...gralora, ...config }, tensors)).toBe(code);
  });
});

test.each<[Record<string, unknown>, number | null, string]>([
  [{ peft_type: "GRALORA", r: 4, alpha: 6, hybrid_r: 2 }, 1, "alpha / (r + hybrid_r)"],
  [{ peft_type: "GRALORA", r: undefined }, 2, "alpha / (r + hybrid_r)"],
  [{ peft_type: "WAVEFT" }, 25, "scaling"],
  [{ peft_type: "FOURIERFT", scaling: 3 }, 3, "scaling"],
  [{ peft_type: "SHIRA" }, 1, "1"],
  [{ peft_type: "LOKR", r: 4, alpha: 6 }, 1.5, "alpha / r"],
  [{ peft_type: "C3A" }, null, "1 / columns"],
])("the summary of %j says scale %d = %s", (config, scale, scaleFormula) => {
  expect(finish(summarizeAdapter(headerAdapter(config, Q)))).toMatchObject({ scale, scaleFormula });
});

test("a targeted module without entries does not change", () => {
  const tensors = { [`${AT}.shira_weight`]: [5], [`${AT}.shira_indices`]: whole("I32", 2, 5) };
  const { matrices, unpaired } = read({ ...ON_Q, peft_type: "SHIRA" }, tensors);
  expect(matrices.map(({ name }) => name)).toEqual([Q0]);
  expect(unpaired).toMatchObject([{ name: Q1, reason: "missing" }]);
});
