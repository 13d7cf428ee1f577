/** All measures of one run at one module, in the form of the document. */
import type { AnalysisSettings, ModuleMeasures } from "../../../contract/domain/analysis.ts";
import type { MatrixPair } from "../../../contract/domain/pair.ts";
import type { TopSpectrum } from "../../../contract/domain/spectrum.ts";
import type { ErrorDocument } from "../../../contract/errors.ts";
import type { ModuleAnswer, RunAnswer, SideAnswer, TopAnswer } from "../../linalg/backend.ts";
import { epsilonsFor, ksFor } from "../question.ts";
import { deltaMeasures } from "./delta.ts";
import { sideMeasures } from "./intruders.ts";
import { floorDeviation, roundingMeasures } from "./rounding.ts";

/**
 * The measures of a run that was computed.
 * @param audited whether the tuned matrix was stored in a 16-bit type, so that rounding can explain a part of ΔW
 */
export function measuredModule(
  pair: MatrixPair,
  module: ModuleAnswer,
  run: RunAnswer,
  settings: AnalysisSettings,
  audited: boolean,
): ModuleMeasures {
  const sides = measureSides(pair, run, settings);
  const asked = sides.left ?? sides.right;
  const sums = audited ? run.rounding : undefined;
  const delta = deltaMeasures(run.delta, pair.shape, module.baseFrobenius, floorDeviation(sums));
  const critical = module.criticalStrength ?? null;
  return {
    ...identity(pair),
    status: "measured",
    error: null,
    delta,
    rounding: sums ? roundingMeasures(sums, run.delta, pair.shape) : null,
    base: topSpectrum(module.base),
    tuned: topSpectrum(run.tuned),
    vectors: asked?.vectors ?? null,
    intruders: asked?.intruders ?? null,
    intruderEnergy: asked?.intruderEnergy ?? null,
    undecided: asked?.undecided ?? null,
    decision: asked?.decision ?? null,
    sides,
    pressure: critical ? delta.spectral / critical : null,
    criticalStrength: critical,
    seconds: run.seconds + module.baseSeconds / Math.max(1, module.runs.length),
  };
}

type NamedMatrix = Pick<MatrixPair, "name" | "role" | "shape">;

/** A module that is left out, with its reason; the others of the run go on. */
export function failedModule(pair: NamedMatrix, error: ErrorDocument): ModuleMeasures {
  return {
    ...identity(pair),
    status: "failed",
    error,
    delta: null,
    rounding: null,
    base: null,
    tuned: null,
    vectors: null,
    intruders: null,
    intruderEnergy: null,
    undecided: null,
    decision: null,
    sides: {},
    pressure: null,
    criticalStrength: null,
    seconds: 0,
  };
}

function identity(pair: NamedMatrix) {
  const { layer, kind, group, expert } = pair.role;
  return { name: pair.name, layer, kind, group, expert, shape: pair.shape };
}

function measureSides(pair: MatrixPair, run: RunAnswer, settings: AnalysisSettings): ModuleMeasures["sides"] {
  const tuned = run.tuned;
  if (!tuned) return {};
  const question = { epsilon: settings.epsilon, epsilons: epsilonsFor(settings), ks: ksFor(settings) };
  const measure = (answer: SideAnswer) => [answer.side, sideMeasures(answer, tuned, pair.shape, question)] as const;
  return Object.fromEntries(run.sides.map(measure));
}

function topSpectrum(answer: TopAnswer | undefined): TopSpectrum | null {
  if (!answer) return null;
  const { frobenius, singularValues, residuals } = answer;
  return { frobenius, singularValues: Array.from(singularValues), residuals: Array.from(residuals) };
}
