/** The lab's setting: what the address says, the spectrum that follows, and the places where curves are asked for. */
import type { MeasuredSpectrum, Shift } from "../../../../src/contract/domain/theory.ts";
import type { TheorySearch } from "../search.ts";
import { limits, usual } from "./limits.ts";

export interface Setting {
  n: number;
  d: number;
  k: number;
  /** Values of the shift: r⋆ ones that fall as i^−decay. */
  r: number;
  decay: number;
  /** Deviation of the noise over that of the signal in one output. */
  noise: number;
  seeds: number;
  ranks: readonly number[];
}

export function settingOf(search: TheorySearch): Setting {
  const {
    n = usual.n,
    d = usual.d,
    k = usual.k,
    decay = usual.decay,
    noise = usual.noise,
    seeds = usual.seeds,
  } = search;
  const most = Math.min(k, d);
  const r = Math.min(search.r ?? usual.r, most);
  const named = search.ranks?.split(",").map(Number) ?? usual.ranks;
  const ranks = [...new Set(named.map((rank) => Math.min(rank, most)))].sort((one, other) => one - other);
  return { n, d, k, r, decay, noise, seeds, ranks };
}

/** E = k: the signal of each output has variance 1, so that σ is its noise-to-signal ratio and ρ = σ². */
export function spectrumOf({ k, d, r, decay }: Setting, feed: MeasuredSpectrum | undefined): number[] {
  const shape = feed ? feed.values.slice(0, Math.min(k, d)) : Array.from({ length: r }, (_, i) => (i + 1) ** -decay);
  const scale = Math.sqrt(k / shape.reduce((sum, value) => sum + value ** 2, 0));
  return shape.map((value) => value * scale);
}

export function shiftOf(spectrum: readonly number[]): Shift {
  return { kind: "given", values: [...spectrum] };
}

/** Within one of each other the expected risk is infinite. */
export function isInfinite({ n, d }: Pick<Setting, "n" | "d">): boolean {
  return Math.abs(n - d) <= 1;
}

/** Places of a curve, and of the simulated means on it. */
const curvePlaces = 90;
const simulatedPlaces = 11;

function spaced(low: number, high: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => low * (high / low) ** (index / (count - 1)));
}

/** From a fifth of the inputs to ten times them, your n included. */
export function sampleRange({ n, d }: Setting): [number, number] {
  const range = [Math.max(limits.n.least, Math.min(d / 5, n / 1.25)), Math.max(d * 10, n * 1.25)];
  return [Math.round(range[0] ?? 2), Math.round(range[1] ?? 10)];
}

export function samplePlaces(setting: Setting): number[] {
  const [low, high] = sampleRange(setting);
  const { d, n } = setting;
  // Both flanks of the divergence and its middle, where the line breaks.
  const near = [d - 6, d - 4, d - 2, d, d + 2, d + 4, d + 6].filter((place) => place >= low && place <= high);
  const all = [...spaced(low, high, curvePlaces).map(Math.round), ...near, n];
  return [...new Set(all)].sort((one, other) => one - other);
}

export function simulatedSamples(setting: Setting): number[] {
  const [low, high] = sampleRange(setting);
  const places = spaced(low, high, simulatedPlaces).map((place) => nearest(samplePlaces(setting), place));
  return [...new Set(places)].filter((n) => !isInfinite({ n, d: setting.d }));
}

/** From no noise to two and a half times yours. */
export function noiseRange({ noise }: Setting): [number, number] {
  return [0, roundUp(Math.max(noise * 2.5, 0.25))];
}

const noiseSteps = 50;
const simulatedNoiseStep = 8;

export function noisePlaces(setting: Setting): number[] {
  const [, most] = noiseRange(setting);
  return Array.from({ length: noiseSteps + 1 }, (_, index) => (most * index) / noiseSteps);
}

export function simulatedNoise(setting: Setting): number[] {
  return noisePlaces(setting).filter((_, index) => index % simulatedNoiseStep === simulatedNoiseStep / 2);
}

/** At most so many ranks of a curve: what one question may name. */
const mostRanks = 32;

/** Ranks of a curve, evenly spaced on a logarithmic axis; small ones all. */
export function rankPlaces({ k, d, n }: Setting): number[] {
  const q = Math.min(k, d, n);
  return [...new Set(spaced(1, Math.max(q, 2), mostRanks).map(Math.round))].filter((rank) => rank <= q);
}

/** Full rank where every rank is asked for; beyond it the curve is asked at the places above. */
const fewRanks = 256;

export function askedRanks(setting: Setting): number[] {
  const q = Math.min(setting.k, setting.d, setting.n);
  const own = setting.ranks.filter((rank) => rank <= Math.min(setting.k, setting.d));
  const all = q <= fewRanks ? Array.from({ length: q + 1 }, (_, rank) => rank) : [0, ...rankPlaces(setting), q];
  return [...new Set([...all, ...own])].sort((one, other) => one - other);
}

function nearest(places: readonly number[], to: number): number {
  return places.reduce((best, place) => (Math.abs(place - to) < Math.abs(best - to) ? place : best), places[0] ?? to);
}

/** The next of 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(4));
}
