/** One answer for a whole model: relative risks of its modules added up. */
import type { AdviceDocument, ModuleAdvice } from "../../contract/domain/theory.ts";
import type { Answered } from "./advise.ts";
import { verdictOf, within } from "./verdict.ts";

/** As in the numeric crate: a smaller rank is recommended within 5 % of the best, useful within 10 %. */
const nearBest = 1.05;
const useful = 1.1;
const largestRank = 512;

/** ΣR[r] / ΣE over the modules; beyond its own full rank a module counts as fully fine-tuned. */
export function totalOf(
  done: readonly Answered[],
  modules: readonly ModuleAdvice[],
  referenceRank: number | null,
): AdviceDocument["total"] {
  const q = Math.max(...done.map(({ answer }) => answer.advice.q));
  const energy = done.reduce((sum, { answer }) => sum + answer.advice.E, 0);
  const add = (part: "risk" | "bias" | "variance") =>
    Float64Array.from(
      { length: q + 1 },
      (_, rank) =>
        done.reduce(
          (sum, { answer: { curve } }) => sum + (curve[part][Math.min(rank, curve[part].length - 1)] ?? 0),
          0,
        ) / energy,
    );
  const [risk, bias, variance] = [add("risk"), add("bias"), add("variance")];
  const at = (rank: number): number => risk[rank] ?? Number.NaN;
  const grid = powersOfTwo(q);
  const least = Math.min(...grid.map(at));
  const recommended = grid.find((rank) => at(rank) <= nearBest * least) ?? 1;
  const best = risk.indexOf(Math.min(...risk));
  const kept = [...risk.keys()].filter((rank) => at(rank) <= useful * at(best));
  const shown = [...new Set([0, ...grid, best, q])].sort((one, other) => one - other);
  return {
    modules: done.length,
    curve: shown.map((r) => ({ r, risk: at(r), bias: bias[r] ?? 0, variance: variance[r] ?? 0 })),
    fft: at(q),
    rank_best: best,
    rank_rec: recommended,
    useful: [kept[0] ?? best, kept.at(-1) ?? best],
    verdict: within(verdictOf(risk, recommended), referenceRank),
    ...confidenceOf(modules),
  };
}

/** ΣR[r] / ΣE at any rank; undefined means full fine-tuning. */
export function riskAtRank(done: readonly Answered[], rank = Number.POSITIVE_INFINITY): number {
  const energy = done.reduce((sum, { answer }) => sum + answer.advice.E, 0);
  const at = ({ answer: { curve } }: Answered): number => curve.risk[Math.min(rank, curve.risk.length - 1)] ?? 0;
  return done.reduce((sum, one) => sum + at(one), 0) / energy;
}

function powersOfTwo(q: number): number[] {
  const ranks: number[] = [];
  for (let rank = 1; rank < q && rank <= largestRank; rank *= 2) ranks.push(rank);
  return ranks;
}

/** Neighbouring assumptions that agree make an answer firm. */
function confidenceOf(modules: readonly ModuleAdvice[]): Pick<AdviceDocument["total"], "confidence" | "why"> {
  const share = (test: (module: ModuleAdvice) => boolean): number => modules.filter(test).length / modules.length;
  const agreement = modules.reduce((sum, { uncertainty }) => sum + uncertainty.agreement, 0) / modules.length;
  const percent = `${Math.round(agreement * 100)} % of the neighbouring assumptions (n and ρ halved and doubled, tail kept or not) give the same verdict`;
  if (share(({ advice }) => advice.near) > 0.5)
    return { confidence: "low", why: "n is within 10 % of d, where the risks diverge" };
  if (share(({ band }) => band.depends_on_tail) > 0.25) {
    return { confidence: "low", why: "the verdict depends on whether the tail of ΔW is signal or noise" };
  }
  if (agreement >= 0.9) return { confidence: "high", why: percent };
  return { confidence: agreement >= 0.6 ? "medium" : "low", why: percent };
}
