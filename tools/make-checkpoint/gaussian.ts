/** Fast seeded Gaussian numbers: xoshiro128** bits, shaped by the ziggurat of Marsaglia and Tsang (2000). */
import { createHash } from "node:crypto";

/** Fills the first `count` places of a block with independent N(0, scale²) numbers. */
export type FillGaussian = (block: Float32Array | Float64Array, count: number, scale: number) => void;

const STRIPS = 128;
const TAIL_START = 3.442619855899;
const STRIP_AREA = 9.91256303526217e-3;
const TWO_31 = 2 ** 31;

interface Ziggurat {
  /** An integer below this limit lies inside the strip's rectangle, so it needs no test. */
  readonly limit: Float64Array;
  /** Factor from a signed 32-bit integer to an abscissa of the strip. */
  readonly width: Float64Array;
  /** Density at the strip's outer edge. */
  readonly density: Float64Array;
}

const density = (x: number): number => Math.exp(-0.5 * x * x);

function buildZiggurat(): Ziggurat {
  const edges = new Float64Array(STRIPS + 1);
  edges[STRIPS] = STRIP_AREA / density(TAIL_START);
  edges[STRIPS - 1] = TAIL_START;
  for (let i = STRIPS - 2; i > 0; i--) {
    const outer = edges[i + 1] as number;
    edges[i] = Math.sqrt(-2 * Math.log(STRIP_AREA / outer + density(outer)));
  }
  const edge = (i: number): number => edges[i] as number;
  // Strip 0 lies at the bottom: it stands for a rectangle with the area of its own rectangle and the tail.
  const outer = (strip: number): number => (strip === 0 ? edge(STRIPS) : edge(strip));
  const inner = (strip: number): number => (strip === 0 ? TAIL_START : edge(strip - 1));
  return {
    limit: Float64Array.from({ length: STRIPS }, (_, strip) => (inner(strip) / outer(strip)) * TWO_31),
    width: Float64Array.from({ length: STRIPS }, (_, strip) => outer(strip) / TWO_31),
    density: Float64Array.from({ length: STRIPS }, (_, strip) => density(edge(strip))),
  };
}

const ziggurat = buildZiggurat();

type Words = [s0: number, s1: number, s2: number, s3: number];

function keep(state: Words, s0: number, s1: number, s2: number, s3: number): void {
  state[0] = s0;
  state[1] = s1;
  state[2] = s2;
  state[3] = s3;
}

/** One step of xoshiro128**: changes the four words and returns a signed 32-bit integer. */
function nextInteger(state: Words): number {
  const [s0, s1, s2, s3] = state;
  const product = Math.imul(s1, 5);
  const third = s2 ^ s0;
  const fourth = s3 ^ s1;
  keep(state, s0 ^ fourth, s1 ^ third, third ^ (s1 << 9), (fourth << 11) | (fourth >>> 21));
  return Math.imul((product << 7) | (product >>> 25), 9);
}

/** Uniform on the open interval (0, 1), so that its logarithm is finite. */
const nextUniform = (state: Words): number => ((nextInteger(state) >>> 0) + 0.5) / 2 ** 32;

/** Beyond the last strip: Marsaglia's exact method for the tail. */
function tail(state: Words): number {
  while (true) {
    const x = -Math.log(nextUniform(state)) / TAIL_START;
    const y = -Math.log(nextUniform(state));
    if (y + y >= x * x) return TAIL_START + x;
  }
}

/** The one draw in a hundred that falls outside its rectangle: the wedge, the tail, or another try. */
function slowDraw(state: Words, first: number): number {
  let integer = first;
  while (true) {
    const strip = integer & (STRIPS - 1);
    const x = integer * (ziggurat.width[strip] as number);
    if (Math.abs(integer) < (ziggurat.limit[strip] as number)) return x;
    if (strip === 0) return integer < 0 ? -tail(state) : tail(state);
    const low = ziggurat.density[strip] as number;
    const high = ziggurat.density[strip - 1] as number;
    if (low + nextUniform(state) * (high - low) < density(x)) return x;
    integer = nextInteger(state);
  }
}

/** A stream of Gaussian numbers that depends on nothing but the seed's text. */
export function gaussianStream(seed: string): FillGaussian {
  const digest = createHash("sha256").update(seed).digest();
  const state: Words = [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset)) as Words;
  const { limit, width } = ziggurat;
  return (block, count, scale) => {
    // The step is written out on local variables: a call through the array costs three times as much.
    let [s0, s1, s2, s3] = state;
    for (let i = 0; i < count; i++) {
      const product = Math.imul(s1, 5);
      const integer = Math.imul((product << 7) | (product >>> 25), 9);
      const shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
      const strip = integer & (STRIPS - 1);
      if (Math.abs(integer) < (limit[strip] as number)) {
        block[i] = integer * (width[strip] as number) * scale;
        continue;
      }
      keep(state, s0, s1, s2, s3);
      block[i] = slowDraw(state, integer) * scale;
      [s0, s1, s2, s3] = state;
    }
    keep(state, s0, s1, s2, s3);
  };
}
