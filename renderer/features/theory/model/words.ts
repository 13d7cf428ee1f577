/** What the advisor says of a setting: the answer, why, and what would change it. */
import type { AdviceDocument, RiskDocument } from "../../../../src/contract/domain/theory.ts";
import { formatCount, formatSignificant } from "../../../../src/contract/format.ts";
import { isInfinite, type Setting } from "./setting.ts";

/** A sentence with the words that carry it. */
export interface Reason {
  id: string;
  strong: string;
  rest: string;
}

export interface RiskRow {
  id: string;
  name: string;
  bias: number;
  variance: number;
  risk: number;
  best: boolean;
  estimated: boolean;
}

export function answerOf({ n, noise }: Setting, { best, q, fft, untrained }: RiskDocument) {
  const place = `At n ${formatCount(n)} and σ ${formatSignificant(noise, 2)} `;
  const full = fft ? formatSignificant(fft.risk) : "–";
  if (best.r === 0) {
    return {
      place,
      strong: "not training has the lowest risk",
      rest: `: ${formatSignificant(untrained)} against ${full} for FFT.`,
    };
  }
  if (best.r >= q) return { place, strong: "full fine-tuning has the lowest risk", rest: `: ${full}.` };
  const risk = `≈ ${formatSignificant(best.risk)} against ${full} for FFT.`;
  return { place, strong: `r ${best.r} has the lowest risk`, rest: `: ${risk}` };
}

/** Full fine-tuning, the chosen ranks, and the best one where it is not among them. */
export function riskRows({ fft, curve, best, q }: RiskDocument, { ranks }: Setting): RiskRow[] {
  const shown = [...new Set([...ranks, ...(best.r > 0 && best.r < q ? [best.r] : [])])].sort((a, b) => a - b);
  const lora = shown.flatMap((rank) => {
    const row = curve.find(({ r }) => r === rank);
    if (!row) return [];
    const { bias, variance, risk } = row;
    return [{ id: `r${rank}`, name: `r ${rank}`, bias, variance, risk, best: rank === best.r, estimated: true }];
  });
  const full = fft && { id: "fft", name: "FFT", ...fft, best: best.r >= q, estimated: false };
  return [...(full ? [full] : []), ...lora];
}

export function reasonsOf(setting: Setting, document: RiskDocument, advice: AdviceDocument | undefined): Reason[] {
  const { best, q } = document;
  const inner = best.r > 0 && best.r < q;
  return [
    ...(inner ? [sidesOf(document)] : []),
    ...(advice ? flipsOf(setting, advice) : []),
    ...setting.ranks.filter((rank) => rank !== best.r && rank < q).flatMap((rank) => heldBackBy(rank, document)),
  ];
}

/** Half and twice the best rank. */
function sidesOf({ curve, best, q }: RiskDocument): Reason {
  const below = curve.filter(({ r }) => r * 2 <= best.r).at(-1) ?? curve[0];
  const above = curve.find(({ r }) => r >= Math.min(q, best.r * 2)) ?? curve.at(-1);
  const [low, small] = [below?.r ?? 0, below?.risk ?? Number.NaN];
  const [high, large] = [above?.r ?? q, above?.risk ?? Number.NaN];
  return {
    id: "sides",
    strong: small > large ? "Too small is worse than too large." : "Too large is worse than too small.",
    rest: ` ${low === 0 ? "Not training costs" : `r ${low} costs`} ≈ ${formatSignificant(small)}, r ${high} ≈ ${formatSignificant(large)}.`,
  };
}

/** Places at which LoRA at the advised rank and full fine-tuning change places. */
function flipsOf({ n, noise }: Setting, { modules, total }: AdviceDocument): Reason[] {
  const flips = modules[0]?.flips;
  if (!flips) return [];
  const sigma = flips.rho === null ? undefined : Math.sqrt(flips.rho);
  const side = (value: number, than: number) => (value < than ? "below" : "above");
  const words = [
    ...(sigma === undefined ? [] : [`σ ${side(sigma, noise)} ≈ ${formatSignificant(sigma)} at this n`]),
    ...(flips.n === null ? [] : [`n ${side(flips.n, n)} ≈ ${formatCount(flips.n)} at this σ`]),
  ];
  const nearest = total.rank_best === total.rank_rec ? "" : " (least power of two near the best)";
  const pair = `r ${total.rank_rec}${nearest} and FFT`;
  if (words.length === 0)
    return [{ id: "flips", strong: pair, rest: " do not change places within 100 times this n or this noise." }];
  return [{ id: "flips", strong: `${pair} change places`, rest: ` with ${words.join(", or with ")}.` }];
}

function heldBackBy(rank: number, { curve, best }: RiskDocument): Reason[] {
  const row = curve.find(({ r }) => r === rank);
  if (!row || !(row.risk > best.risk * 1.1)) return [];
  const bias = row.bias >= row.variance;
  const share = `≈ ${formatSignificant(bias ? row.bias : row.variance)} of its ≈ ${formatSignificant(row.risk)}`;
  const cause = bias ? ` is held back by the signal it misses: ${share}.` : ` fits noise: ${share}.`;
  return [{ id: `r${rank}`, strong: `r ${rank}`, rest: cause }];
}

/** Beside every advice, never in a tooltip. */
export const alwaysSaid =
  "Linear model with independent Gaussian inputs and squared loss. Read the order of the methods and the crossovers, not the values.";

export const layersSaid = "Optimiser, learning rate and α are not modelled, and forgetting is not part of this risk.";

export function cautionsOf(setting: Setting, fed: { label: string; adapter: boolean } | undefined): string[] {
  const { n, d } = setting;
  const near = !isInfinite(setting) && Math.abs(n - d) < 0.1 * d;
  return [
    alwaysSaid,
    ...(near ? ["n is within 10 % of d, where risks diverge: the numbers are unreliable there."] : []),
    fed
      ? `The measured ΔW of ${fed.label} stands in for the unknown best update; n and σ are assumed.`
      : "n, σ and the spectrum of the shift are assumed.",
    ...(fed?.adapter ? ["The reference is an adapter: it knows nothing beyond its rank."] : []),
    layersSaid,
  ];
}

/** Why there is no answer at this n, beside its field. */
export function sampleError({ n, d }: Setting): string | undefined {
  if (!isInfinite({ n, d })) return undefined;
  return `n within one of d (${formatCount(d)}): the expected risk is infinite.`;
}
