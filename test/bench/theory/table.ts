/** The rows about the theory lab. */
import type { Row } from "../table.ts";
import type { TheoryMeasured } from "./measure.ts";

const RATIO_GOAL = 10;
const CURVE_GOAL = 0.005;
const MAP_GOAL = 2;
/** Standard errors that two means over other draws may be apart. */
const DIFFERENCE_GOAL = 4;

export function theoryRows({ product, reference, difference, curve, map }: TheoryMeasured): Row[] {
  const ratio = reference === undefined ? undefined : reference / product;
  return [
    {
      work: "1000 replicates of figure 1a's hardest point, ranks 1 2 4 8",
      goal: `≥ ${RATIO_GOAL} × textbook numpy`,
      measured:
        ratio === undefined || reference === undefined
          ? `${product.toFixed(2)} s; no reference`
          : `${ratio.toFixed(0)} × (${product.toFixed(2)} s against ${reference.toFixed(0)} s)`,
      met: ratio === undefined ? undefined : ratio >= RATIO_GOAL,
    },
    ...(difference === undefined
      ? []
      : [
          {
            work: "their means against numpy's",
            goal: `≤ ${DIFFERENCE_GOAL} standard errors`,
            measured: `${difference.toFixed(1)} at most`,
            met: difference <= DIFFERENCE_GOAL,
          },
        ]),
    {
      work: "slider to fast curve, all ranks of 896 × 896",
      goal: `≤ ${CURVE_GOAL * 1000} ms`,
      measured: `${(curve * 1000).toFixed(1)} ms`,
      met: curve <= CURVE_GOAL,
    },
    {
      work: "recommended ranks over 20 × 20 samples and noise, 168 modules",
      goal: `≤ ${MAP_GOAL} s`,
      measured: `${map.toFixed(2)} s`,
      met: map <= MAP_GOAL,
    },
  ];
}
