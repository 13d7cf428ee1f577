/** What is odd between two full checkpoints as wholes. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { Unpaired } from "../../contract/domain/pair.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Unit } from "./units.ts";

/** Stored bits of the significand; a value keeps all its bits when they do not shrink. */
const SIGNIFICAND_BITS: Readonly<Record<string, number>> = {
  F64: 52,
  F32: 23,
  F16: 10,
  BF16: 7,
  F8_E4M3: 3,
  F8_E5M2: 2,
};

/** ‖rounding to bf16‖ / ‖W‖, measured on trained weights; halves with every further bit. */
const BF16_FLOOR = 1.7e-3;

/** How many names an alert quotes before it only counts. */
const EXAMPLES = 3;

export function wholeAlerts(base: Checkpoint, tuned: Checkpoint): Alert[] {
  const place = tuned.source.location;
  const alerts: Alert[] = [];
  if (base.fingerprint === tuned.fingerprint) {
    alerts.push(
      makeAlert("checkpoint.identical", `${place} holds the same weights as ${base.source.location}.`, place),
    );
  }
  const [before, after] = [base.config?.architecture, tuned.config?.architecture];
  if (before !== undefined && after !== undefined && before !== after) {
    alerts.push(
      makeAlert("checkpoint.architecture-differs", `The base is a ${before}, the tuned checkpoint a ${after}.`, place),
    );
  }
  return alerts;
}

/** One alert per pair of dtypes, with the size of what rounding alone would give. */
export function dtypeAlerts(pairs: readonly (readonly [Unit, Unit])[], place: string): Alert[] {
  const counts = new Map<string, number>();
  for (const [{ tensor: before }, { tensor: after }] of pairs) {
    if (before.dtype === after.dtype) continue;
    const change = `${before.dtype} ${after.dtype}`;
    counts.set(change, (counts.get(change) ?? 0) + 1);
  }
  return [...counts].map(([change, count]) => dtypeAlert(change.split(" ") as [string, string], count, place));
}

function dtypeAlert([before, after]: [string, string], count: number, place: string): Alert {
  const head = `${count} ${count === 1 ? "tensor is" : "tensors are"} ${before} in the base and ${after} in the tuned checkpoint.`;
  const lost = (SIGNIFICAND_BITS[before] ?? 0) - (SIGNIFICAND_BITS[after] ?? 0);
  if (lost <= 0 && before.startsWith("F8_")) {
    const sentence = `Where the training started from the unrounded original, ΔW holds the rounding of the base as well, ‖Δ‖/‖W‖ ≈ ${roundingFloor(before)} at full rank.`;
    return makeAlert("checkpoint.dtype-differs", `${head} ${sentence}`, place);
  }
  if (lost <= 0) return makeAlert("checkpoint.dtype-differs", `${head} Widening adds nothing to ΔW.`, place, "info");
  const floor = roundingFloor(after);
  const sentence = `Rounding ${before} to ${after} alone gives ‖Δ‖/‖W‖ ≈ ${floor} at full rank with a flat spectrum, top singular value about ${floor}·rms(W)·(√out + √in).`;
  return makeAlert("checkpoint.dtype-differs", `${head} ${sentence}`, place);
}

/** ‖rounding to that type‖ / ‖W‖ in two digits. */
function roundingFloor(dtype: string): string {
  const bits = (SIGNIFICAND_BITS.BF16 as number) - (SIGNIFICAND_BITS[dtype] as number);
  return (BF16_FLOOR * 2 ** bits).toPrecision(2);
}

/** Alerts `pairing.missing` and `pairing.extra` with counts and the first names. */
export function onesidedAlerts(unpaired: readonly Unpaired[], place: string): Alert[] {
  const missing = quote(unpaired, "missing");
  const extra = quote(unpaired, "extra");
  const unreadable = unpaired.filter((entry) => entry.reason === "dtype").map(({ name }) => name);
  return [
    ...(missing === undefined ? [] : [makeAlert("pairing.missing", `Only in the base: ${missing}.`, place)]),
    ...(extra === undefined ? [] : [makeAlert("pairing.extra", `Only in the tuned checkpoint: ${extra}.`, place)]),
    ...(unreadable.length === 0
      ? []
      : [makeAlert("pairing.dtype", `Left out, because their type holds no weights: ${counted(unreadable)}.`, place)]),
  ];
}

/** Rows of a resized vocabulary are spoken of by their own alert. */
function quote(unpaired: readonly Unpaired[], reason: Unpaired["reason"]): string | undefined {
  const names = unpaired
    .filter((entry) => entry.reason === reason && entry.detail === undefined)
    .map(({ name }) => name);
  return names.length === 0 ? undefined : counted(names);
}

function counted(names: readonly string[]): string {
  const more = names.length > EXAMPLES ? ", …" : "";
  return `${names.length} ${names.length === 1 ? "tensor" : "tensors"} (${names.slice(0, EXAMPLES).join(", ")}${more})`;
}
