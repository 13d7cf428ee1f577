/** Ranges of the lab's sliders; numbers beyond them belong on the command line. */
export const limits = {
  n: { least: 2, most: 100_000 },
  /** Larger matrices take seconds per simulated data set. */
  d: { least: 4, most: 1024 },
  k: { least: 4, most: 1024 },
  r: { least: 1, most: 1024 },
  decay: { least: 0, most: 2 },
  noise: { least: 0, most: 10 },
  seeds: { least: 0, most: 200 },
  ranks: { least: 1, most: 5 },
} as const;

/** What the lab opens with. */
export const usual = { n: 240, d: 100, k: 100, r: 10, decay: 0, noise: 0.5, seeds: 20, ranks: [2, 10, 32] } as const;
