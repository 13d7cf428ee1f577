/**
 * Closed forms of interventions and their control arms: what each does to one module, from a few
 * numbers of it. With W = W0 + ΔW and singular triplets (σ, u, v) of W, every arm is ΔW′ = a·ΔW + Σ bᵢ·uᵢ·vᵢᵀ.
 */
import type { Arm, ArmOutcome, EditGeometry, EditVector, Which } from "./domain/edit.ts";

/** What an arm does to one module: ΔW′ = factor·ΔW + Σ coefficient·u·vᵀ. */
export interface ModuleEdit {
  module: string;
  /** a: factor on ΔW. */
  factor: number;
  /** Vectors of W by place, each with b: factor on u·vᵀ. */
  vectors: { index: number; coefficient: number }[];
  /** ‖ΔW′‖_F. */
  deltaFrobenius: number;
  /** ‖W′ − W‖_F. */
  step: number;
}

/** Places of the vectors that `which` means in one module, falling by σ; undecided vectors are never chosen. */
export function chosenIndices(geometry: EditGeometry, which: Which, k: number): number[] {
  if (typeof which !== "string") {
    const named = which.filter(({ module }) => module === geometry.module).flatMap(({ vectors }) => vectors);
    return [...new Set(named)].sort((one, other) => one - other);
  }
  const intruders = geometry.vectors.filter(({ index, intruder }) => index < k && intruder === true);
  return intruders.slice(0, which === "strongest" ? 1 : undefined).map(({ index }) => index);
}

/** What to do with the vectors that are chosen; `k` bounds the vectors that were tested and may be neighbours. */
export interface EditQuestion {
  arm: Arm;
  lambda: number;
  k: number;
}

/**
 * For each chosen vector the vector nearest in σ, of the top k, that is certainly no intruder and not chosen itself;
 * each is taken once, so there may be fewer of them than chosen ones.
 */
export function neighbourIndices(geometry: EditGeometry, chosen: readonly number[], k: number): number[] {
  const free = geometry.vectors.filter(
    ({ index, intruder }) => index < k && intruder === false && !chosen.includes(index),
  );
  const taken: EditVector[] = [];
  for (const { singularValue } of pick(geometry, chosen)) {
    const left = free.filter((vector) => !taken.includes(vector));
    const [nearest] = left.sort((one, other) => distance(one, singularValue) - distance(other, singularValue));
    if (nearest) taken.push(nearest);
  }
  return taken.map(({ index }) => index).sort((one, other) => one - other);
}

function distance({ singularValue }: EditVector, from: number): number {
  return Math.abs(singularValue - from);
}

function pick({ vectors }: EditGeometry, indices: readonly number[]): EditVector[] {
  return vectors.filter(({ index }) => indices.includes(index));
}

/**
 * One arm at one λ. `step`, `shrink` and `rescaled` take their size from what `scale` would do to the same vectors.
 * For λ > 1, where the intervention strengthens its vectors, `step` makes ΔW larger by that length.
 */
export function moduleEdit(geometry: EditGeometry, question: EditQuestion, chosen: readonly number[]): ModuleEdit {
  const { module, deltaFrobenius } = geometry;
  const { arm, lambda } = question;
  const vectors = pick(geometry, editedIndices(geometry, question, chosen));
  const length = Math.abs(lambda - 1) * Math.hypot(...vectors.map(({ singularValue }) => singularValue));
  const scaled = scaledFrobenius(deltaFrobenius, vectors, lambda);
  const whole = (factor: number): ModuleEdit => wholeDelta(module, deltaFrobenius, factor);
  switch (arm) {
    case "interpolate":
      return whole(lambda);
    case "step":
      return whole(deltaFrobenius > 0 ? Math.max(0, 1 + (Math.sign(lambda - 1) * length) / deltaFrobenius) : 1);
    case "shrink":
      return whole(deltaFrobenius > 0 ? scaled / deltaFrobenius : 1);
    case "rescaled":
      return rescaled(geometry, vectors, lambda, scaled);
    default:
      return { module, factor: 1, vectors: terms(vectors, lambda - 1), deltaFrobenius: scaled, step: length };
  }
}

/** Places of the vectors that the arm works with: the chosen ones, or their neighbours. */
export function editedIndices(
  geometry: EditGeometry,
  { arm, k }: EditQuestion,
  chosen: readonly number[],
): readonly number[] {
  return arm === "neighbour" ? neighbourIndices(geometry, chosen, k) : chosen;
}

function wholeDelta(module: string, frobenius: number, factor: number): ModuleEdit {
  return {
    module,
    factor,
    vectors: [],
    deltaFrobenius: Math.abs(factor) * frobenius,
    step: Math.abs(1 - factor) * frobenius,
  };
}

function terms(vectors: readonly EditVector[], factor: number): ModuleEdit["vectors"] {
  const changed = vectors.filter(({ singularValue }) => factor * singularValue !== 0);
  return changed.map(({ index, singularValue }) => ({ index, coefficient: factor * singularValue }));
}

/** ‖ΔW + (λ − 1)·Σ σ·u·vᵀ‖_F; the triplets are orthonormal, so only each one's overlap with ΔW enters. */
function scaledFrobenius(deltaFrobenius: number, vectors: readonly EditVector[], lambda: number): number {
  const shift = lambda - 1;
  const change = vectors.map(
    ({ singularValue, deltaOverlap }) => shift * singularValue * (2 * deltaOverlap + shift * singularValue),
  );
  // Where all of ΔW is taken out, rounding may leave a square just below zero.
  return Math.sqrt(Math.max(0, deltaFrobenius ** 2 + sum(change)));
}

/** The scaled ΔW brought back to its first norm. Where nothing of it is left there is nothing to bring back. */
function rescaled(
  { module, deltaFrobenius }: EditGeometry,
  vectors: readonly EditVector[],
  lambda: number,
  scaled: number,
): ModuleEdit {
  const factor = scaled > 0 ? deltaFrobenius / scaled : 1;
  const shift = lambda - 1;
  const overlap = shift * sum(vectors.map(({ singularValue, deltaOverlap }) => singularValue * deltaOverlap));
  // ‖ΔW′ − ΔW‖² = ‖ΔW′‖² + ‖ΔW‖² − 2⟨ΔW′, ΔW⟩
  const inner = factor * (deltaFrobenius ** 2 + overlap);
  const squares = (factor * scaled) ** 2 + deltaFrobenius ** 2 - 2 * inner;
  const edited = terms(vectors, factor * shift);
  return { module, factor, vectors: edited, deltaFrobenius: factor * scaled, step: Math.sqrt(Math.max(0, squares)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * Intruders among the top k after the arms that only change singular values (`scale`, `neighbour`): W′ keeps its
 * vectors, and their values are sorted again. Undefined for other arms, and where a value fell so far that vectors
 * which are not listed, or are not decided, may have taken its place.
 */
export function intrudersLeft(
  geometry: EditGeometry,
  question: EditQuestion,
  chosen: readonly number[],
): number | undefined {
  const { arm, lambda, k } = question;
  if (arm !== "scale" && arm !== "neighbour" && lambda !== 1) return undefined;
  const edited = editedIndices(geometry, question, chosen);
  const factor = (index: number): number => (edited.includes(index) ? lambda : 1);
  const values = geometry.vectors.map((vector) => ({
    ...vector,
    singularValue: vector.singularValue * factor(vector.index),
  }));
  const lowest = geometry.vectors.at(-1)?.singularValue ?? 0;
  const top = values.sort((one, other) => other.singularValue - one.singularValue).slice(0, k);
  if (top.some(({ singularValue, intruder }) => singularValue < lowest || intruder === null)) return undefined;
  return top.filter(({ intruder }) => intruder === true).length;
}

/** One arm over modules: sizes together, and intruders where every module has a number. */
export function armOutcomeOf(
  geometries: readonly EditGeometry[],
  question: EditQuestion & { which: Which },
): ArmOutcome {
  const { arm, lambda, which, k } = question;
  const chosen = geometries.map((geometry) => chosenIndices(geometry, which, k));
  const edits = geometries.map((geometry, index) => moduleEdit(geometry, question, chosen[index] ?? []));
  const left = geometries.map((geometry, index) => intrudersLeft(geometry, question, chosen[index] ?? []));
  const counted = left.filter((count) => count !== undefined);
  const base = Math.hypot(...geometries.map(({ baseFrobenius }) => baseFrobenius));
  return {
    arm,
    lambda,
    modules: geometries.length,
    vectors: sum(chosen.map(({ length }) => length)),
    relative: base > 0 ? Math.hypot(...edits.map(({ deltaFrobenius }) => deltaFrobenius)) / base : 0,
    step: Math.hypot(...edits.map(({ step }) => step)),
    intruders: counted.length === left.length ? sum(counted) : null,
  };
}
