/** Seeded numbers for fixtures (mulberry32 and Box–Muller): the same seed gives the same file everywhere. */

/** A stream of numbers in [0, 1). */
export function uniformStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` normal numbers of the given standard deviation, rounded to float32. */
export function normals(count: number, seed: number, deviation = 1): Float32Array {
  const uniform = uniformStream(seed);
  const draw = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()) * deviation;
  return Float32Array.from({ length: count }, draw);
}
