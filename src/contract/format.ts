/** How numbers are written for people: the same in the terminal, the app and the report. */

/** Stands in for a quantity that has no value. */
export const undefinedQuantity = "–";

const minus = "\u2212";
const groupSeparator = "\u202F";
/** From here on digits are grouped by three. */
const groupedFrom = 10_000;

let decimalSign: "." | "," = ".";
/** Decimals beyond those of each form. */
let moreDigits = 0;

/** The reader's choice, for the whole process; the app sets it, files and commands never see another than the dot. */
export function setDecimalSign(sign: "." | ","): void {
  decimalSign = sign;
}

/** The reader's choice as well: "more" writes one more significant digit of everything that is rounded. */
export function setDigits(digits: "standard" | "more"): void {
  moreDigits = digits === "more" ? 1 : 0;
}

type Quantity = number | null | undefined;

function isUndefined(value: Quantity): value is null | undefined {
  return value === null || value === undefined || Number.isNaN(value);
}

/** A JavaScript number as people write it: −0.5, 1e−7. */
function written(text: string): string {
  return text.replaceAll("-", minus).replace("e+", "e").replace(".", decimalSign);
}

/** With as many decimals, and the further one of the reader's choice. */
function fixed(value: number, decimals: number): string {
  return written(value.toFixed(decimals + moreDigits));
}

/** Half of the last of as many decimals: what is smaller rounds to zero. */
function half(decimals: number): number {
  return Number(`5e-${decimals + moreDigits + 1}`);
}

/** The least that is written with as many decimals: 0.01. */
function least(decimals: number): string {
  return written((10 ** -(decimals + moreDigits)).toFixed(decimals + moreDigits));
}

/** An integer, in groups of three from 10 000 on: 2048, 11 008. */
export function formatCount(value: Quantity): string {
  if (isUndefined(value)) return undefinedQuantity;
  const digits = Math.abs(Math.round(value)).toFixed(0);
  const grouped = Math.abs(value) < groupedFrom ? digits : digits.replace(/\B(?=(?:\d{3})+$)/g, groupSeparator);
  return Math.round(value) < 0 ? minus + grouped : grouped;
}

/** Significant digits without exponent where that stays readable: 0.000123, 0.0450, 7.60, 448; else 1.23e−7. */
export function formatSignificant(value: Quantity, fewest = 3): string {
  if (isUndefined(value)) return undefinedQuantity;
  const digits = fewest + moreDigits;
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${minus}∞`;
  const rounded = Number(value.toPrecision(digits));
  const exponent = Math.floor(Math.log10(Math.abs(rounded)));
  if (exponent < -4 || exponent >= 6) return written(rounded.toExponential(digits - 1));
  if (exponent >= digits - 1) return formatCount(rounded);
  return written(rounded.toFixed(digits - 1 - exponent));
}

/** As short as it can be, for axes and legends: 0.2, 5, 1e−5, 11 008. */
export function formatTick(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6)) return formatPower(value);
  const plain = written(String(Number(value.toPrecision(6))));
  return Math.abs(value) >= groupedFrom ? plain.replace(/\B(?=(?:\d{3})+$)/g, groupSeparator) : plain;
}

/** With its power of ten, whatever its size: 2e−3. */
export function formatPower(value: number): string {
  return written(value.toExponential());
}

/** A share (0.2) the same way: 20 %. */
export function formatShareTick(share: number): string {
  return `${formatTick(Number((share * 100).toPrecision(3)))} %`;
}

/** Exponents, R² and what is named in passing: 0.53. */
export function formatTwoDecimals(value: Quantity): string {
  return isUndefined(value) ? undefinedQuantity : fixed(value, 2);
}

/** The loss of a training: 0.512; small ones by their digits, never as a made-up zero. */
export function formatLoss(value: Quantity): string {
  if (isUndefined(value)) return undefinedQuantity;
  return Math.abs(value) < 0.01 ? formatSignificant(value) : fixed(value, 3);
}

/** A share (0.042) as percent: two decimals under 1 %, else one; tiny ones as a bound, never as a made-up zero. */
export function formatShare(share: Quantity): string {
  return isUndefined(share) ? undefinedQuantity : formatPercent(share * 100);
}

/** A number that is already in percent. */
export function formatPercent(percent: Quantity): string {
  if (isUndefined(percent)) return undefinedQuantity;
  const size = Math.abs(percent);
  if (size === 0) return "0 %";
  if (size < half(2)) return `${percent < 0 ? `> ${minus}` : "< "}${least(2)} %`;
  return `${fixed(percent, size < 1 - half(2) ? 2 : 1)} %`;
}

/** An accuracy or another share, always with one decimal: 71.0 %. */
export function formatAccuracy(share: Quantity): string {
  return isUndefined(share) ? undefinedQuantity : `${fixed(share * 100, 1)} %`;
}

/** A difference of shares in percentage points, signed, without its unit: +1.60; one decimal in sentences: −2.0. */
export function formatPoints(difference: Quantity, decimals: 1 | 2 = 2): string {
  return isUndefined(difference) ? undefinedQuantity : signed(difference * 100, decimals);
}

/** An interval of percentage points: [−3.0, −0.2]. */
export function formatPointsInterval([low, high]: readonly [number, number]): string {
  return `[${formatPoints(low, 1)}, ${formatPoints(high, 1)}]`;
}

/** Bits per byte of text: 0.742. */
export function formatBitsPerByte(value: Quantity): string {
  return isUndefined(value) ? undefinedQuantity : fixed(value, 3);
}

/** A difference of bits per byte: +0.012. */
export function formatBitsChange(difference: Quantity): string {
  return isUndefined(difference) ? undefinedQuantity : signed(difference, 3);
}

/** What rounds to zero has no sign. */
function signed(value: number, decimals: number): string {
  const text = value.toFixed(decimals + moreDigits);
  if (Number(text) === 0) return written(text.replace("-", ""));
  return value > 0 ? `+${written(text)}` : written(text);
}

/** A cosine, three decimals. */
export function formatCosine(value: Quantity): string {
  return isUndefined(value) ? undefinedQuantity : fixed(value, 3);
}

/** ε or λ: two decimals, more only when they are needed to say the value. */
export function formatThreshold(value: number): string {
  const rounded = value.toFixed(2);
  return written(Number(rounded) === value ? rounded : String(value));
}

/** One decimal under 100, else an integer. */
export function formatEffectiveRank(value: Quantity): string {
  if (isUndefined(value)) return undefinedQuantity;
  return value < 100 - half(1) ? fixed(value, 1) : formatCount(value);
}

/** Probabilities: "< 0.001", "0.008", "0.06". */
export function formatProbability(value: Quantity): string {
  if (isUndefined(value)) return undefinedQuantity;
  if (value < Number(`1e-${3 + moreDigits}`)) return `< ${least(3)}`;
  return fixed(value, value < 0.01 ? 3 : 2);
}

const byteUnits = ["B", "kB", "MB", "GB", "TB", "PB"] as const;
const countUnits = ["", " k", " M", " B", " T"] as const;

/** Bytes in powers of 1000: 512 B, 119.8 MB, 3.1 GB. */
export function formatBytes(bytes: Quantity): string {
  return isUndefined(bytes) ? undefinedQuantity : scaled(bytes, byteUnits, 1);
}

/** Numbers of parameters: 29.9 M, 3.09 B. */
export function formatParameters(count: Quantity): string {
  if (isUndefined(count)) return undefinedQuantity;
  return scaled(count, countUnits, count >= 1e9 ? 2 : 1);
}

function scaled(value: number, units: readonly string[], decimals: number): string {
  let scaledValue = value;
  let index = 0;
  while (scaledValue >= 1000 - half(1) && index < units.length - 1) {
    scaledValue /= 1000;
    index += 1;
  }
  const unit = units[index] ?? "";
  const number = index === 0 ? formatCount(scaledValue) : fixed(scaledValue, decimals);
  return unit.startsWith(" ") || unit === "" ? number + unit : `${number} ${unit}`;
}

const moment = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** A moment on this machine's clock, from ISO 8601: 22 Nov, 09:41. */
export function formatMoment(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? undefinedQuantity : moment.format(date);
}

/** A measured time: < 1 ms, 3 ms, 1.84 s, 2 min 10 s, 1 h 05 min. */
export function formatSeconds(seconds: Quantity): string {
  if (isUndefined(seconds)) return undefinedQuantity;
  if (seconds < 0.0005) return "< 1 ms";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60 - half(1)) return `${fixed(seconds, seconds < 10 - half(2) ? 2 : 1)} s`;
  return formatLongTime(Math.round(seconds));
}

function formatLongTime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** A time left, rounded to what an estimate can say: 10 s steps, then minutes. */
export function formatRemaining(seconds: number): string {
  if (seconds < 60) return `about ${Math.max(10, Math.ceil(seconds / 10) * 10)} s left`;
  if (seconds < 600) return `about ${formatLongTime(Math.ceil(seconds / 10) * 10)} left`;
  return `about ${formatLongTime(Math.ceil(seconds / 60) * 60)} left`;
}

/** Sorted whole numbers as ranges: "2–3, 7". */
export function formatRanges(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(", ");
}

/** "1 module", "9 modules". */
export function formatNumberOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}
