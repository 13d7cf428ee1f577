import { afterEach, describe, expect, test } from "vitest";
import { fc } from "../../test/builders/properties.ts";
import {
  formatAccuracy,
  formatBitsChange,
  formatBitsPerByte,
  formatBytes,
  formatCosine,
  formatCount,
  formatEffectiveRank,
  formatLoss,
  formatMoment,
  formatNumberOf,
  formatParameters,
  formatPercent,
  formatPoints,
  formatPointsInterval,
  formatProbability,
  formatRanges,
  formatRemaining,
  formatSeconds,
  formatShare,
  formatShareTick,
  formatSignificant,
  formatThreshold,
  formatTick,
  formatTwoDecimals,
  setDecimalSign,
  setDigits,
} from "./format.ts";

const narrow = "\u202F";
const minus = "\u2212";

describe("numbers as people read them", () => {
  test.each([
    [2048, "2048"],
    [9999, "9999"],
    [11008, `11${narrow}008`],
    [151936, `151${narrow}936`],
    [1234567, `1${narrow}234${narrow}567`],
    [-11008, `${minus}11${narrow}008`],
    [null, "–"],
    [undefined, "–"],
    [Number.NaN, "–"],
  ])("count %s", (value, text) => expect(formatCount(value)).toBe(text));

  test.each([
    [0.2, "0.2"],
    [0.30000000000000004, "0.3"],
    [5, "5"],
    [1e-5, `1e${minus}5`],
    [-2e-7, `${minus}2e${minus}7`],
    [3e6, "3e6"],
    [11_008, `11${narrow}008`],
  ])("tick %s", (value, text) => expect(formatTick(value)).toBe(text));

  test.each([
    [0.07, "7 %"],
    [1, "100 %"],
    [0.005, "0.5 %"],
  ])("tick of the share %s", (value, text) => expect(formatShareTick(value)).toBe(text));

  test.each([
    [2.30041, "2.300"],
    [0.00421, "0.00421"],
    [0, "0"],
    [null, "–"],
  ])("loss %s", (value, text) => expect(formatLoss(value)).toBe(text));

  test.each([
    [0.00421, "0.42 %"],
    [0.0098, "0.98 %"],
    [0.174, "17.4 %"],
    [0.71, "71.0 %"],
    [0.00999, "1.0 %"],
    [0, "0 %"],
    [1e-7, "< 0.01 %"],
    [-0.03, `${minus}3.0 %`],
    [null, "–"],
  ])("share %s", (value, text) => expect(formatShare(value)).toBe(text));

  test.each([
    [7.6, "7.60"],
    [0.2, "0.200"],
    [448.3, "448"],
    [0.000123, "0.000123"],
    [0.0000123, `1.23e${minus}5`],
    [12345, `12${narrow}300`],
    [9.999, "10.0"],
    [2e9, "2.00e9"],
    [0, "0"],
    [-0.5, `${minus}0.500`],
    [Number.POSITIVE_INFINITY, "∞"],
  ])("three significant digits of %s", (value, text) => expect(formatSignificant(value)).toBe(text));

  test("the other quantities", () => {
    expect(formatCosine(0.18749)).toBe("0.187");
    expect(formatThreshold(0.5)).toBe("0.50");
    expect(formatThreshold(0.125)).toBe("0.125");
    expect([10.46, 99.96, 448.4].map(formatEffectiveRank)).toEqual(["10.5", "100", "448"]);
    expect([0.0002, 0.0081, 0.06].map(formatProbability)).toEqual(["< 0.001", "0.008", "0.06"]);
    expect([512, 119_800_000, 3.1e9].map(formatBytes)).toEqual(["512 B", "119.8 MB", "3.1 GB"]);
    expect([919, 29_900_000, 3_090_000_000].map(formatParameters)).toEqual(["919", "29.9 M", "3.09 B"]);
    expect([0, 0.0004, 0.0034, 1.84, 12.34, 130, 3900].map(formatSeconds)).toEqual([
      "< 1 ms",
      "< 1 ms",
      "3 ms",
      "1.84 s",
      "12.3 s",
      "2 min 10 s",
      "1 h 05 min",
    ]);
    expect(formatMoment(new Date(2026, 10, 22, 9, 41).toISOString())).toBe("22 Nov, 09:41");
    expect(formatMoment("never")).toBe("–");
    expect([3, 41, 125, 1500].map(formatRemaining)).toEqual([
      "about 10 s left",
      "about 50 s left",
      "about 2 min 10 s left",
      "about 25 min left",
    ]);
    expect(formatRanges([7, 2, 3, 3])).toBe("2–3, 7");
    expect([1, 9].map((count) => formatNumberOf(count, "module"))).toEqual(["1 module", "9 modules"]);
  });

  test("three significant digits stay within half a unit of the third", () => {
    const number = fc.double({ min: 1e-12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(number, (value) => {
        const text = formatSignificant(value).replaceAll(narrow, "").replaceAll(minus, "-");
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(value * 0.00500001);
      }),
    );
  });

  test("a share that is not zero is never written as zero", () => {
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, max: 1, noNaN: true }), (share) => {
        expect(formatShare(share)).not.toMatch(/^0(\.0*)? %$/);
      }),
    );
  });
});

describe("with a decimal comma", () => {
  afterEach(() => setDecimalSign("."));

  test.each([
    [() => formatShare(0.174), "17,4 %"],
    [() => formatShare(0.00001), "< 0,01 %"],
    [() => formatSignificant(-0.0123), `${minus}0,0123`],
    [() => formatSignificant(1.23e-7), `1,23e${minus}7`],
    [() => formatCosine(0.187), "0,187"],
    [() => formatTick(0.25), "0,25"],
    [() => formatTick(2.5e-7), `2,5e${minus}7`],
    [() => formatShareTick(0.005), "0,5 %"],
    [() => formatTwoDecimals(1.234), "1,23"],
    [() => formatLoss(0.5), "0,500"],
    [() => formatThreshold(0.5), "0,50"],
    [() => formatEffectiveRank(9.4), "9,4"],
    [() => formatProbability(0.0001), "< 0,001"],
    [() => formatBytes(119_800_000), "119,8 MB"],
    [() => formatParameters(3_090_000_000), "3,09 B"],
    [() => formatSeconds(1.84), "1,84 s"],
    [() => formatCount(11_008), `11${narrow}008`],
  ])("%#: %s", (format, written) => {
    setDecimalSign(",");
    expect(format()).toBe(written);
  });
});

describe("with one more digit", () => {
  afterEach(() => {
    setDigits("standard");
    setDecimalSign(".");
  });

  test.each([
    [() => formatShare(0.17436), "17.44 %"],
    [() => formatShare(0.0017436), "0.174 %"],
    [() => formatShare(0.00003), "0.003 %"],
    [() => formatShare(0.000001), "< 0.001 %"],
    [() => formatPercent(0.9996), "1.00 %"],
    [() => formatAccuracy(0.71), "71.00 %"],
    [() => formatPoints(-0.0197, 1), `${minus}1.97`],
    [() => formatPoints(-0.000001), "0.000"],
    [() => formatSignificant(0.0123456), "0.01235"],
    [() => formatSignificant(448.26), "448.3"],
    [() => formatSignificant(1.2346e-7), `1.235e${minus}7`],
    [() => formatSignificant(0), "0"],
    [() => formatCosine(0.18765), "0.1877"],
    [() => formatThreshold(0.5), "0.50"],
    [() => formatEffectiveRank(99.97), "99.97"],
    [() => formatEffectiveRank(99.997), "100"],
    [() => formatProbability(0.0004), "0.0004"],
    [() => formatProbability(0.00004), "< 0.0001"],
    [() => formatBytes(119_840_000), "119.84 MB"],
    [() => formatBytes(999_970), "999.97 kB"],
    [() => formatParameters(3_094_000_000), "3.094 B"],
    [() => formatSeconds(1.84), "1.840 s"],
    [() => formatSeconds(59.96), "59.96 s"],
    [() => formatCount(11_008), `11${narrow}008`],
  ])("%#: %s", (format, written) => {
    setDigits("more");
    expect(format()).toBe(written);
    setDecimalSign(",");
    expect(format()).toBe(written.replace(".", ","));
  });
});

describe("accuracies and differences", () => {
  test.each([
    [() => formatAccuracy(0.71), "71.0 %"],
    [() => formatAccuracy(0.004), "0.4 %"],
    [() => formatPoints(0.016), "+1.60"],
    [() => formatPoints(-0.0197, 1), `${minus}2.0`],
    [() => formatPoints(-0.00001), "0.00"],
    [() => formatPoints(null), "–"],
    [() => formatPointsInterval([-0.03, -0.002]), `[${minus}3.0, ${minus}0.2]`],
    [() => formatBitsPerByte(0.7423), "0.742"],
    [() => formatBitsChange(0.0119), "+0.012"],
    [() => formatBitsChange(-0.0001), "0.000"],
  ])("%#: %s", (format, written) => {
    expect(format()).toBe(written);
  });
});
