import { describe, expect, test } from "vitest";
import type { AdviceDocument, RiskDocument } from "../../../../src/contract/domain/theory.ts";
import { theorySearch } from "../search.ts";
import { crossingsOf } from "./crossings.ts";
import { figureLabels, figureNames } from "./figures.ts";
import {
  askedRanks,
  isInfinite,
  noisePlaces,
  rankPlaces,
  samplePlaces,
  settingOf,
  simulatedNoise,
  simulatedSamples,
  spectrumOf,
} from "./setting.ts";
import { answerOf, cautionsOf, reasonsOf, riskRows, sampleError } from "./words.ts";

const usual = settingOf({});

describe("address", () => {
  test("everything is optional, what is unusable is dropped", () => {
    expect(settingOf(theorySearch.parse({}))).toEqual(usual);
    const search = theorySearch.parse({ n: "-3", d: "1e9", noise: "x", ranks: "0,2", feed: "<script>", show: "2" });
    expect(settingOf(search)).toEqual(usual);
    expect(search.show).toBeUndefined();
  });

  test("ranks are sorted, each once, and never above the shape", () => {
    const setting = settingOf(theorySearch.parse({ ranks: "32,2,400,2", k: 40, d: 60, r: 50 }));
    expect(setting.ranks).toEqual([2, 32, 40]);
    expect(setting.r).toBe(40);
  });
});

describe("spectrum", () => {
  const energy = (values: readonly number[]) => values.reduce((sum, value) => sum + value ** 2, 0);

  test("r* values that fall as i^−decay, with energy k", () => {
    const flat = spectrumOf({ ...usual, r: 4 }, undefined);
    expect(flat).toHaveLength(4);
    expect(energy(flat)).toBeCloseTo(usual.k, 9);
    const steep = spectrumOf({ ...usual, r: 4, decay: 2 }, undefined);
    expect((steep[0] ?? 0) / (steep[3] ?? 1)).toBeCloseTo(16, 9);
    expect(energy(steep)).toBeCloseTo(usual.k, 9);
  });

  test("a measured one keeps its law and is cut to the shape", () => {
    const values = Array.from({ length: 300 }, (_, index) => 7 / (index + 1));
    const measured = { run: "a", module: "m", shape: [400, 300], values, measured: 300, tau: 0, rank: null } as const;
    const fed = spectrumOf(usual, { ...measured, shape: [400, 300], values: [...values], modules: [] });
    expect(fed).toHaveLength(100);
    expect((fed[0] ?? 0) / (fed[9] ?? 1)).toBeCloseTo(10, 9);
    expect(energy(fed)).toBeCloseTo(usual.k, 9);
  });
});

describe("places", () => {
  test.each([usual, { ...usual, n: 99_999 }, { ...usual, d: 896, k: 896 }, { ...usual, n: 2, d: 4, k: 4 }])(
    "curves hold n and both flanks of d; simulations keep away from it, and stand on the curve",
    (setting) => {
      const places = samplePlaces(setting);
      expect(places).toContain(setting.n);
      expect(places).toEqual([...new Set(places)].sort((one, other) => one - other));
      const simulated = simulatedSamples(setting);
      expect(simulated.length).toBeGreaterThan(1);
      for (const n of simulated) {
        expect(places).toContain(n);
        expect(isInfinite({ n, d: setting.d })).toBe(false);
      }
      for (const sigma of simulatedNoise(setting)) expect(noisePlaces(setting)).toContain(sigma);
    },
  );

  test("ranks of one question: at most 32 of a curve, all of a small shape", () => {
    const large = { ...usual, k: 896, d: 896, n: 2000 };
    expect(rankPlaces(large).length).toBeLessThanOrEqual(32);
    expect(askedRanks(usual)).toHaveLength(101);
    expect(askedRanks(large).length).toBeLessThan(40);
    expect(askedRanks(large)).toEqual(expect.arrayContaining([0, 2, 10, 32, 896]));
  });
});

describe("crossings", () => {
  test("linear in ln x between neighbours", () => {
    const x = [1, 10, 100];
    const [found] = crossingsOf(4, x, [2, 2, 2], [8, 2.0001, 0.5], true);
    expect(found?.x).toBeCloseTo(10, 2);
    const [half] = crossingsOf(4, [1, 100], [1, 1], [10, 0.1], true);
    expect(half?.x).toBeCloseTo(10, 9);
    expect(half?.y).toBeCloseTo(1, 9);
  });

  test("never across a break, and none where both are equal but for rounding", () => {
    expect(crossingsOf(4, [1, 2, 3], [1, null, 1], [2, null, 0.5], true)).toEqual([]);
    expect(crossingsOf(4, [0, 1, 2], [1, 1, 1], [1 + 1e-14, 2, 4], false)).toEqual([]);
  });
});

const risk: RiskDocument = {
  schema: "deltascope.theory.risk/1",
  version: "0",
  question: { k: 100, d: 100, n: 240, sigma: 0.5, delta: { kind: "given", values: [1] }, simulate: 0, seed: 0 },
  fft: { risk: 18, bias: 0, variance: 18, status: "exact" },
  untrained: 100,
  q: 100,
  curve: [0, 2, 5, 10, 20, 32].map((r, index) => {
    const [bias, variance] = [[100, 80, 50, 0, 0, 0][index] ?? 0, [0, 0.6, 1.4, 2.8, 8, 12][index] ?? 0];
    return { r, bias, variance, risk: bias + variance };
  }),
  lowerBound: [],
  thresholds: { s_bbp: 1, s_inc: 1 },
  simulation: null,
  crossovers: { sigma: [], n: [] },
  best: { r: 10, risk: 2.8 },
  alerts: [],
};

describe("words", () => {
  test("the answer names the best rank, full fine-tuning, or not training", () => {
    const text = (document: RiskDocument) => Object.values(answerOf(usual, document)).join("");
    expect(text(risk)).toBe("At n 240 and σ 0.50 r 10 has the lowest risk: ≈ 2.80 against 18.0 for FFT.");
    expect(text({ ...risk, best: { r: 100, risk: 18 } })).toContain("full fine-tuning has the lowest risk: 18.0");
    expect(text({ ...risk, best: { r: 0, risk: 100 } })).toContain(
      "not training has the lowest risk: 100 against 18.0",
    );
  });

  test("rows add up, and exact numbers carry no ≈", () => {
    const rows = riskRows(risk, usual);
    expect(rows.map(({ name, estimated }) => [name, estimated])).toEqual([
      ["FFT", false],
      ["r 2", true],
      ["r 10", true],
      ["r 32", true],
    ]);
    for (const { bias, variance, risk: sum } of rows) expect(bias + variance).toBeCloseTo(sum, 12);
    expect(riskRows(risk, { ...usual, ranks: [2] }).map(({ name }) => name)).toEqual(["FFT", "r 2", "r 10"]);
  });

  test("reasons: both sides of the best rank, flips, and what holds the others back", () => {
    const advice = {
      total: { rank_rec: 16, rank_best: 10 },
      modules: [{ flips: { n: 900, rho: 0.01 } }],
    } as unknown as AdviceDocument;
    const reasons = reasonsOf(usual, risk, advice).map(({ id, strong, rest }) => `${id}: ${strong}${rest}`);
    expect(reasons).toEqual([
      "sides: Too small is worse than too large. r 5 costs ≈ 51.4, r 20 ≈ 8.00.",
      "flips: r 16 (least power of two near the best) and FFT change places with σ below ≈ 0.100 at this n, or with n above ≈ 900 at this σ.",
      "r2: r 2 is held back by the signal it misses: ≈ 80.0 of its ≈ 80.6.",
      "r32: r 32 fits noise: ≈ 12.0 of its ≈ 12.0.",
    ]);
  });

  test("what limits the answer always stands there", () => {
    expect(cautionsOf(usual, undefined)[0]).toContain(
      "Read the order of the methods and the crossovers, not the values",
    );
    expect(cautionsOf({ ...usual, n: 105 }, undefined).join(" ")).toContain("within 10 % of d");
    expect(cautionsOf(usual, { label: "lora", adapter: true }).join(" ")).toContain("knows nothing beyond its rank");
    expect(sampleError({ ...usual, n: 101 })).toContain("infinite");
    expect(sampleError(usual)).toBeUndefined();
  });

  test("every figure has words", () => {
    expect(figureNames.toSorted()).toEqual(Object.keys(figureLabels).toSorted());
  });
});
