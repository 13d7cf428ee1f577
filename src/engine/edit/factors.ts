/** Which updates are sums of factors, and the factors of an edited module. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import { isLowRankOnly, viewShape } from "../analysis/statement.ts";
import type { Change, FactorSum } from "../linalg/edit-backend.ts";
import type { Pairing } from "../pairing/pairing.ts";
import type { OpenedPair } from "./open-pair.ts";
import { asTrained } from "./resolve.ts";

/** ΔW′ of one module as factors. Only for modules whose ΔW is a sum of factors, or where only vectors are added. */
export function factorSum({ delta }: MatrixPair, change: Change = asTrained): FactorSum {
  return { ...change, lowRank: delta.lowRank ?? [] };
}

/** Columns of the left factor when the sums are written side by side. */
export function rankOf(sums: readonly FactorSum[]): number {
  return sums.reduce(
    (rank, { lowRank, vectors }) =>
      rank + vectors.length + lowRank.reduce((total, { right }) => total + viewShape(right)[0], 0),
    0,
  );
}

/**
 * Why this adapter is more than a sum of factors on linear layers, in words; undefined when it is just that.
 * A scorer adds such factors to the running model, and peft loads them as LoRA.
 */
export function beyondFactors({ pairing, tuned }: OpenedPair): string | undefined {
  if (tuned.kind === "full") return "it is a full checkpoint";
  if (hasReplicatedLayers(pairing)) return "its layers are copies of shared base layers";
  const dense = pairing.matrices.find(({ delta }) => !isLowRankOnly(delta));
  if (dense) return `${dense.name} changes by more than a sum of factors (${kindOf(dense)})`;
  const [vector] = pairing.vectors;
  if (vector) return `it changes ${vector.name}`;
  const shared = pairing.matrices.find(({ role }) => role.group === "embedding" || role.group === "head");
  return shared && `it adapts ${shared.name}`;
}

function hasReplicatedLayers({ alerts }: Pairing): boolean {
  return alerts.some(({ code }) => code === "adapter.layer-replication");
}

function kindOf({ delta }: MatrixPair): string {
  if (delta.dora) return "DoRA";
  if (delta.formula) return "a formula of its family";
  return delta.replacedRows ? "token rows" : "a full matrix";
}

/** What a merged checkpoint cannot be, in words: the running model has parts that no weights of the base can hold. */
export function notMergeable({ pairing }: OpenedPair): string | undefined {
  if (hasReplicatedLayers(pairing)) return "its layers are copies of shared base layers";
  if (pairing.alerts.some(({ code }) => code === "adapter.vocabulary-resized"))
    return "its vocabulary has another size than the base's";
  const added = pairing.vectors.find(({ base }) => base === undefined);
  return added && `the base has no ${added.name} to add to`;
}

/** An alert for edits that adapters cannot hold. */
export function fullWritten(reason: string, where: string): Alert {
  return makeAlert("edit.full-written", `A full checkpoint is written: ${reason}.`, where, "info");
}
