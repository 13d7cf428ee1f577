import { describe, expect, test } from "vitest";
import {
  deltaOf,
  documentOf,
  exampleDocument,
  failedModuleOf,
  type MemberChoice,
  moduleOf,
  roundingOf,
  vectorOf,
} from "../../../test/builders/analysis-document.ts";
import type { Finding } from "../../contract/domain/finding.ts";
import { findingText } from "../../contract/finding-text.ts";
import { deriveFindings } from "./findings.ts";

function findingsOf(members: MemberChoice[], run = {}): Map<string, Finding> {
  return new Map(documentOf(members, run).findings.map((finding) => [finding.id, finding]));
}

function only(id: string, members: MemberChoice[], run = {}): string | undefined {
  return findingsOf(members, run).get(id)?.text;
}

describe("intruder dimensions", () => {
  test("count, modules, layers, and the runs without", () => {
    const finding = exampleDocument().findings[0];
    expect(finding).toEqual({
      id: "intruders",
      text: "lora-r4: 5 intruder dimensions in 2 of 8 modules, most in layers 2–3; fft: none (k 10, ε 0.50).",
      parts: [
        { run: "lora-r4" },
        { text: ": " },
        { value: 5, unit: "intruder dimensions", standing: "certified" },
        { text: " in 2" },
        { text: " of 8 modules" },
        { text: ", most in layers 2–3" },
        { text: "; " },
        { run: "fft" },
        { text: ": " },
        { text: "none" },
        { text: " (k 10, ε 0.50)" },
        { text: "." },
      ],
      evidence: { view: "compare", modules: ["model.layers.2.down_proj", "model.layers.3.down_proj"] },
    });
  });

  test("one is singular; failed modules are not among the tested", () => {
    const modules = [
      moduleOf({ layer: 0, kind: "q_proj", intruders: 1 }),
      moduleOf({ layer: 1, kind: "q_proj" }),
      failedModuleOf(2, "q_proj"),
    ];
    expect(only("intruders", [{ label: "a", modules }])).toBe(
      "a: 1 intruder dimension in 1 of 2 tested modules, most in layer 0 (k 10, ε 0.50).",
    );
    expect(only("failed", [{ label: "a", modules }])).toBe("Modules that could not be measured: a: 1 of 3.");
  });

  test("undecided vectors make the count a lower bound", () => {
    const modules = [moduleOf({ layer: 0, kind: "q", intruders: 2, undecided: 1 })];
    expect(only("intruders", [{ label: "a", modules }])).toMatch(/^a: at least 2 intruder dimensions in 1 of 1 module/);
    expect(only("undecided", [{ label: "a", modules }])).toBe(
      "Undecided, the bounds lie on both sides of ε 0.50: a: 1 vector in 1 module; --exact decides them.",
    );
    const none = [moduleOf({ layer: 0, kind: "q", intruders: 0, undecided: 1 })];
    expect(only("intruders", [{ label: "a", modules: none }])).toMatch(/^a: none proven/);
  });

  test("runs with most intruders come first, whatever their order; those without and those not tested end it", () => {
    const withCount = (label: string, intruders: number | null) => ({
      label,
      modules: [moduleOf({ layer: 0, kind: "q", intruders, undecided: intruders === null ? null : 0 })],
    });
    const members = [withCount("a", null), withCount("b", 0), withCount("c", 1), withCount("d", 3)];
    const text = only("intruders", members) ?? "";
    expect(text).toMatch(/^d: 3 intruder .*; c: 1 intruder .*; b: none; a: not tested \(/);
  });

  test("a run that was not tested is said so; when none was, nothing is said", () => {
    const tested = { label: "a", modules: [moduleOf({ layer: 0, kind: "q" })] };
    const untested = { label: "b", modules: [moduleOf({ layer: 0, kind: "q", intruders: null, undecided: null })] };
    expect(only("intruders", [tested, untested])).toBe("a: none; b: not tested (k 10, ε 0.50).");
    expect(only("intruders", [untested])).toBeUndefined();
  });

  test("right vectors and other settings are named", () => {
    const members = [{ label: "a", modules: [moduleOf({ layer: 0, kind: "q" })] }];
    const settings = { k: 4, epsilon: 0.125, side: "right", quick: false, exact: false, asMerged: false, seed: 0 };
    expect(only("intruders", members, { settings })).toBe("a: none (k 4, ε 0.125, right vectors).");
  });

  test("energy is the share of Σ‖ΔW‖² of the tested modules", () => {
    const modules = [
      moduleOf({ layer: 0, kind: "q", intruders: 1, intruderEnergy: 0.25, delta: deltaOf([2], 10) }),
      moduleOf({ layer: 1, kind: "q", intruders: 0, intruderEnergy: 0, delta: deltaOf([4], 10) }),
    ];
    // (0.25 · 4 + 0 · 16) / (4 + 16)
    expect(only("intruder-energy", [{ label: "a", modules }])).toBe(
      "Share of ‖ΔW‖² that lies along the intruder dimensions: a 5.0 %.",
    );
  });

  test("kinds with most, saturation at k, and likeness to a random direction", () => {
    const vectors = [vectorOf(0, 0.1, "indistinguishable from random"), vectorOf(1, 0.3, "new, partly aligned")];
    const modules = [
      moduleOf({ layer: 0, kind: "down_proj", intruders: 2, vectors }),
      moduleOf({
        layer: 1,
        kind: "v_proj",
        intruders: 1,
        vectors: [vectorOf(0, 0.3, "new, partly aligned"), vectorOf(1, 0.9)],
      }),
    ];
    const findings = findingsOf([{ label: "a", modules }]);
    expect(findings.get("intruder-kinds")?.text).toBe(
      "Kinds of modules with most intruder dimensions: a down_proj 2 and v_proj 1 of 3.",
    );
    expect(findings.get("saturated")).toMatchObject({
      text: "a: every tested vector is an intruder in 1 module, so k limits the count there.",
      evidence: { modules: ["model.layers.0.down_proj"] },
    });
    expect(findings.get("intruder-null")?.text).toBe(
      "a: 1 of 3 match the base no better than a random direction would (p ≥ 0.001).",
    );
  });
});

test.each([
  [[0, 0, 0, 6, 0, 0], ", most in layer 3"],
  [[0, 3, 3, 1, 0, 0], ", most in layers 1–2"],
  [[1, 1, 1, 1, 1, 1], ""],
  [[2, 0, 0, 0, 0, 2], ""],
  [[0, 0, 0, 1, 4, 4], ", most in layers 4–5"],
])("intruders per layer %j: %j", (counts, words) => {
  const modules = counts.map((intruders, layer) => moduleOf({ layer, kind: "q", intruders }));
  expect(only("intruders", [{ label: "a", modules }])).toMatch(new RegExp(`of 6 modules${words} \\(`));
});

describe("size and spread", () => {
  test("relative change over all modules, median effective rank, and what noise would give", () => {
    const full = {
      label: "fft",
      kind: "full" as const,
      modules: [
        // ‖ΔW‖ = 2 and 4 over ‖W0‖ = 10 and 10: √20 / √200 = 31.6 %; four equal values have effective rank 4.
        moduleOf({ layer: 0, kind: "q", delta: deltaOf([1, 1, 1, 1], 10) }),
        moduleOf({ layer: 1, kind: "q", delta: deltaOf([2, 2, 2, 2], 10) }),
      ],
    };
    const findings = findingsOf([full]);
    expect(findings.get("size")?.text).toBe("Relative change ‖ΔW‖/‖W0‖: fft 31.6 %.");
    // 0.805 of 8 directions for a square module.
    expect(findings.get("spread")?.text).toBe(
      "Median effective rank of ΔW: fft 4 (noise of the same shapes: about 6.44).",
    );
    expect(findings.get("spread")?.parts).toContainEqual({ value: 0.805 * 8, unit: "", standing: "estimated" });
  });

  test("embeddings count only when asked", () => {
    const modules = [
      moduleOf({ layer: 0, kind: "q", delta: deltaOf([1], 10) }),
      moduleOf({ layer: null, kind: "embed_tokens", group: "embedding", delta: deltaOf([9], 10) }),
    ];
    expect(only("size", [{ label: "a", modules }])).toBe("Relative change ‖ΔW‖/‖W0‖: a 10.0 %.");
    // √82 / √200
    expect(only("size", [{ label: "a", modules }], { embeddings: true })).toBe("Relative change ‖ΔW‖/‖W0‖: a 64.0 %.");
  });

  test("an adapter without effect is named and gets no relative change", () => {
    const findings = findingsOf([
      { label: "a", modules: [moduleOf({ layer: 0, kind: "q", delta: deltaOf([0, 0], 10) })] },
    ]);
    expect(findings.get("unchanged")?.text).toBe("a: ΔW is zero in every module of the layers.");
    expect(findings.has("size")).toBe(false);
    expect(findings.has("spread")).toBe(false);
  });

  test("a head that changed keeps a run from being called unchanged where it counts", () => {
    const modules = [
      moduleOf({ layer: 0, kind: "q", delta: deltaOf([0, 0], 10) }),
      moduleOf({ layer: null, kind: "lm_head", group: "head", delta: deltaOf([3], 10) }),
    ];
    expect(only("unchanged", [{ label: "a", modules }])).toBe("a: ΔW is zero in every module of the layers.");
    expect(only("unchanged", [{ label: "a", modules }], { embeddings: true })).toBeUndefined();
  });
});

describe("rounding", () => {
  const member = (modules: MemberChoice["modules"]): MemberChoice => ({ label: "fft", kind: "full", modules });

  test("modules whose ΔW is mostly the storage type's grid", () => {
    const modules = [
      moduleOf({ layer: 0, kind: "q", rounding: roundingOf("within-floor") }),
      moduleOf({ layer: 1, kind: "q", rounding: roundingOf("above-floor", { signalShare: 0.4 }) }),
      moduleOf({ layer: 2, kind: "q", rounding: roundingOf("above-floor", { signalShare: 0.6 }) }),
      moduleOf({ layer: 3, kind: "q", rounding: roundingOf("cast-only") }),
    ];
    expect(only("rounding", [member(modules)])).toBe(
      "fft: ΔW is only a cast to another type, no training in 1 of 4 modules; fft: most of ΔW is rounding in 2 of 4 modules.",
    );
  });

  test("unchanged weights by the number of weights, and what rounding kept", () => {
    const modules = [
      moduleOf({
        layer: 0,
        kind: "q",
        shape: [10, 10],
        rounding: roundingOf("real", { unchangedShare: 0.5, keptSignal: 0.6 }),
      }),
      moduleOf({
        layer: 1,
        kind: "q",
        shape: [30, 10],
        rounding: roundingOf("real", { unchangedShare: 0.1, keptSignal: 0.6 }),
      }),
    ];
    // (50 + 30) / 400
    expect(only("unchanged-weights", [member(modules)])).toBe(
      "Weights bit-identical to the base: fft 20.0 % (rounding kept about 60.0 % of small updates).",
    );
  });
});

test("a sentence is its pieces, and the last one says what weights cannot", () => {
  const { findings } = exampleDocument();
  for (const { text, parts } of findings) expect(text).toBe(findingText(parts));
  expect(findings.at(-1)?.text).toBe(
    "Old tasks: not measured, which takes an audit of these runs. Weights alone do not show what a model forgot.",
  );
});

describe("norms and biases", () => {
  test("are told where no matrix changes, and only those that change", () => {
    const bias = (name: string, frobenius: number, relative: number | null) => ({
      ...{ name, layer: 0, kind: "v_proj", length: 4, unchangedShare: 0, frobenius, relative },
    });
    const told = (vectors: ReturnType<typeof bias>[], modules = [] as ReturnType<typeof moduleOf>[]) =>
      deriveFindings(
        documentOf([{ label: "beft", modules }]).runs.map((entry) => ({ ...entry, vectors })),
        { k: 10, epsilon: 0.5, side: "left" },
      ).find(({ id }) => id === "vectors")?.text;
    expect(told([bias("a", 1, 0.1), bias("b", 2, 0.24), bias("c", 0, 0)])).toBe(
      "beft: no matrix changes, 2 norms and biases do, by up to 24.0 %.",
    );
    expect(told([bias("a", 1, null)])).toBe("beft: no matrix changes, 1 norm or bias does.");
    expect(told([bias("a", 0, 0)])).toBeUndefined();
    expect(told([bias("a", 1, 0.1)], [moduleOf({ layer: 0, kind: "q_proj" })])).toBeUndefined();
  });
});
