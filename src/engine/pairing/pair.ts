/** A base with one tuned source: what is compared with what, and everything that found no partner. */
import { DeltaScopeError } from "../../contract/errors.ts";
import { readAdapter } from "../adapter/adapter.ts";
import type { AdapterPackage, Checkpoint, Opened } from "../checkpoint/checkpoint.ts";
import { runInTurns } from "../turns.ts";
import { sortByPlace } from "./order.ts";
import { pairCheckpoints } from "./pair-checkpoints.ts";
import type { Pairing } from "./pairing.ts";

/**
 * Throws `pairing.base-is-adapter`, `checkpoint.quantised`, `pairing.shape-mismatch`, `pairing.empty`,
 * and the refusals of the adapter's family. Alerts of opening stay with the opened sources.
 */
export async function pair(base: Opened, tuned: Opened): Promise<Pairing> {
  if (base.kind === "adapter") throw baseIsAdapter(base);
  const pairing = await (tuned.kind === "adapter" ? adapterPairing(base, tuned) : checkpointPairing(base, tuned));
  if (pairing.report.paired === 0) throw empty(base, tuned);
  const matrices = await sortByPlace(pairing.matrices);
  return { ...pairing, matrices, vectors: await sortByPlace(pairing.vectors) };
}

async function adapterPairing(base: Checkpoint, tuned: AdapterPackage): Promise<Pairing> {
  const { summary, matrices, vectors, unpaired, alerts, evidence } = await runInTurns(readAdapter(tuned, base));
  const report = { paired: matrices.length + vectors.length, unpaired };
  return { kind: "adapter", adapter: summary, matrices, vectors, report, alerts, evidence, roundingGrid: undefined };
}

async function checkpointPairing(base: Checkpoint, tuned: Checkpoint): Promise<Pairing> {
  refuseQuantised(base, "base");
  refuseQuantised(tuned, "tuned checkpoint");
  const { matrices, vectors, unpaired, alerts } = await pairCheckpoints(base, tuned);
  const report = { paired: matrices.length + vectors.length, unpaired };
  return {
    kind: "full",
    adapter: undefined,
    matrices,
    vectors,
    report,
    alerts,
    evidence: [],
    roundingGrid: gridOf(tuned.dtype),
  };
}

/** The storage grid of 16-bit checkpoints; wider types round too finely to matter. */
function gridOf(dtype: string): Pairing["roundingGrid"] {
  if (dtype === "BF16") return "bf16";
  return dtype === "F16" ? "f16" : undefined;
}

function baseIsAdapter(base: AdapterPackage): DeltaScopeError {
  const place = base.source.location;
  return new DeltaScopeError(
    "pairing.base-is-adapter",
    `${place} is an adapter (${base.type}), not a full checkpoint.`,
    place,
  );
}

function refuseQuantised({ quantised, source }: Checkpoint, side: string): void {
  if (quantised === undefined) return;
  const message = `The ${side} ${source.location} is stored in ${quantised}; ΔW against it would mix training with quantisation error. Use the 16-bit original.`;
  throw new DeltaScopeError("checkpoint.quantised", message, source.location);
}

function empty(base: Checkpoint, tuned: Opened): DeltaScopeError {
  const place = tuned.source.location;
  const message = `None of the ${tuned.tensors.size} tensors of ${place} has a partner among the ${base.tensors.size} of ${base.source.location}.`;
  return new DeltaScopeError("pairing.empty", message, place);
}
