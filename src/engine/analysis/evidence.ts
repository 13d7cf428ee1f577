/** What the files themselves know of their base, checked against it before any number is shown. */
import type { Alert } from "../../contract/alerts.ts";
import { toDeltaScopeError } from "../../contract/errors.ts";
import type { Evidence } from "../adapter/family.ts";
import type { Backend } from "../linalg/backend.ts";
import { sortByPlace } from "../pairing/order.ts";
import type { Pairing } from "../pairing/pairing.ts";

/** A stored copy may differ from the base by the rounding of a 16-bit type, not by more. */
const largestRoundingDifference = 4e-3;
/** Factors rounded to 16 bits leave about 1 %, those of another base 100 %. */
const largestProjectionGap = 5e-2;
/** A median ratio of DoRA magnitudes to norms outside this range speaks for another base. */
const plausibleRatio = { low: 0.67, high: 1.5 };

export interface CheckedPairing {
  pairing: Pairing;
  alerts: Alert[];
}

/** The pairing with what the evidence changes, and one alert for each kind of it that contradicts the given base. */
export async function checkEvidence(
  pairing: Pairing,
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<CheckedPairing> {
  const against: Evidence[] = [];
  let matrices = pairing.matrices;
  for (const evidence of pairing.evidence) {
    if (!(await contradicts(evidence, backend, signal))) continue;
    against.push(evidence);
    const replacements = evidence.pairsWhenDifferent ?? [];
    const replaced = new Set(replacements.map(({ name }) => name));
    if (replaced.size > 0) matrices = [...matrices.filter(({ name }) => !replaced.has(name)), ...replacements];
  }
  if (matrices !== pairing.matrices) matrices = await sortByPlace(matrices);
  const paired = matrices.length + pairing.vectors.length;
  return {
    pairing: { ...pairing, matrices, report: { ...pairing.report, paired } },
    alerts: alertsOf(pairing.evidence, against),
  };
}

/** A wrong base contradicts every module; one sentence names the first and counts the others. */
function alertsOf(all: readonly Evidence[], against: readonly Evidence[]): Alert[] {
  const kinds = [...new Set(against.map(({ kind }) => kind))];
  return kinds.flatMap((wanted) => {
    const [first, ...others] = against.filter(({ kind }) => kind === wanted);
    if (first === undefined || others.length === 0) return first === undefined ? [] : [first.alert];
    const checked = all.filter(({ kind }) => kind === wanted).length;
    const message = `${first.alert.message} The same was found at ${others.length + 1} of the ${checked} modules that tell it.`;
    return [{ ...first.alert, message }];
  });
}

async function contradicts(evidence: Evidence, backend: Backend, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    if (evidence.kind === "equal") return await differs(evidence, backend, signal);
    if (evidence.kind === "leading") return await leadsElsewhere(evidence, backend, signal);
    return await implausible(evidence, backend, signal);
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    if (error.code === "job.cancelled") throw error;
    // Unreadable or non-finite weights: the module itself will fail with that reason, so the evidence says nothing.
    // Only a copy is no part of any module until it differs.
    return evidence.kind === "equal" && error.code === "analysis.not-finite";
  }
}

async function differs({ first, second }: Evidence, backend: Backend, signal: AbortSignal | undefined) {
  const { deltaFrobenius, baseFrobenius } = await backend.difference(second, first, signal);
  return deltaFrobenius > largestRoundingDifference * baseFrobenius;
}

async function implausible({ kind, first, second, axis }: Evidence, backend: Backend, signal: AbortSignal | undefined) {
  const found = await backend.normAgreement(second, first, axis ?? "row", signal);
  if (found === undefined) return false;
  if (kind === "norms") return found.distance > largestRoundingDifference;
  return found.medianRatio < plausibleRatio.low || found.medianRatio > plausibleRatio.high;
}

async function leadsElsewhere({ first, second, right }: Evidence, backend: Backend, signal: AbortSignal | undefined) {
  const gap = right === undefined ? undefined : await backend.projectionGap(second, first, right, signal);
  return gap !== undefined && gap > largestProjectionGap;
}
