/** Norm scales and biases: sizes only, a few kilobytes each. */
import type { Alert } from "../../contract/alerts.ts";
import type { VectorMeasures } from "../../contract/domain/analysis.ts";
import type { VectorPair } from "../../contract/domain/pair.ts";
import { type DeltaScopeError, type ErrorDocument, toDeltaScopeError } from "../../contract/errors.ts";
import type { Backend } from "../linalg/backend.ts";
import type { Store } from "../store/types.ts";
import { failedVectorAlerts } from "./alerts.ts";
import type { PreparedRun } from "./prepare.ts";
import { runWeighted } from "./schedule.ts";

type Member = Pick<PreparedRun, "analysis" | "label" | "pairing">;

/** Measures and stores what the store does not hold yet; tensors that fail give an alert, the others go on. */
export async function measureVectors(
  members: readonly Member[],
  threads: number,
  { backend, store }: { backend: Backend; store: Store },
  signal: AbortSignal | undefined,
): Promise<(Alert & { run: string })[]> {
  const alerts: (Alert & { run: string })[] = [];
  for (const { analysis, label, pairing } of members) {
    const known = await store.storedVectors(analysis);
    const open = pairing.vectors.filter((pair) => !known.has(pair.name)).map((item) => ({ item, threads: 1 }));
    const rows: { analysis: string; vector: VectorMeasures }[] = [];
    const failures: { name: string; error: ErrorDocument }[] = [];
    const work = (pair: VectorPair) => measureVector(pair, backend, signal);
    for await (const { item, result } of runWeighted(open, threads, work, signal)) {
      if ("frobenius" in result) rows.push({ analysis, vector: result });
      else if (result.code !== "job.cancelled") failures.push({ name: item.name, error: result.toDocument() });
    }
    if (rows.length > 0) await store.putVectors(rows);
    alerts.push(...failedVectorAlerts(failures, pairing.kind).map((alert) => ({ ...alert, run: label })));
  }
  return alerts;
}

async function measureVector(
  pair: VectorPair,
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<VectorMeasures | DeltaScopeError> {
  try {
    const answer = await backend.vectorDelta(pair, signal);
    const { name, length, role } = pair;
    return {
      name,
      layer: role.layer,
      kind: role.kind,
      length,
      frobenius: answer.deltaFrobenius,
      relative: answer.baseFrobenius > 0 ? answer.deltaFrobenius / answer.baseFrobenius : null,
      unchangedShare: answer.total > 0 ? answer.equal / answer.total : null,
    };
  } catch (thrown) {
    return toDeltaScopeError(thrown);
  }
}
