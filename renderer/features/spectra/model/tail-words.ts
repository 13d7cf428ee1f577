/** The decay of one spectrum in words, and what noise of the same shape would give. Pure. */
import type { DeltaMeasures } from "../../../../src/contract/domain/spectrum.ts";
import {
  formatCount,
  formatEffectiveRank,
  formatSignificant,
  formatTwoDecimals,
} from "../../../../src/contract/format.ts";

const fewestValues = 12;

export function fitWords({ decay, singularValues }: Pick<DeltaMeasures, "decay" | "singularValues">): string {
  if (!decay) {
    const known = singularValues.filter((value) => value > 0).length;
    return `No fit: ${formatCount(known)} values stand above the floor, ${fewestValues} are needed.`;
  }
  const range = `j 1–${formatCount(decay.kept)}`;
  const interval =
    decay.exponentLow === null || decay.exponentHigh === null
      ? ""
      : ` [${formatTwoDecimals(decay.exponentLow)}, ${formatTwoDecimals(decay.exponentHigh)}]`;
  const exponent = `exponent ${formatTwoDecimals(decay.exponent)}${interval}`;
  const quality = `R² ${formatTwoDecimals(decay.r2Power)} power, ${formatTwoDecimals(decay.r2Exponential)} exponential`;
  switch (decay.law) {
    case "power":
      return `Power law over ${range}: ${exponent}; ${quality}.`;
    case "exponential":
      return `Exponential over ${range}, rate ${formatSignificant(decay.rate, 2)}; ${quality}.`;
    case "neither":
      return `Neither law fits well over ${range}: ${exponent}; ${quality}.`;
  }
}

/** The yardstick for a full run: its tail is partly noise, so its ranks are no target. */
export function noiseWords(
  { noiseReference }: Pick<DeltaMeasures, "noiseReference">,
  shape: readonly [number, number],
): string {
  if (!noiseReference) return "";
  const size = Math.min(...shape);
  const of = (share: number) => formatEffectiveRank(share * size);
  return `Pure noise of this shape would give entropy ${of(noiseReference.entropy)}, participation ${of(noiseReference.participation)}, k90 ${of(noiseReference.energy90)}: one full run’s k90 is no target for a rank.`;
}
