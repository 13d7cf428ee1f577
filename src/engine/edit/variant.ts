/** Makes a variant runnable: files whose graph gives exactly its numbers, merged only where there is no other way. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { VariantSpec } from "../../contract/domain/evaluation.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import type { Source } from "../source/source.ts";
import { checkpointBytes, writeCheckpoint } from "./checkpoint-folder.ts";
import { factorBytes, type NamedFactors, writeFactors } from "./factor-file.ts";
import { beyondFactors, factorSum, rankOf } from "./factors.ts";
import { mergedCheckpoint } from "./merged.ts";
import { type OpenedPair, openBase, openPair } from "./open-pair.ts";
import { writeFolder } from "./output-folder.ts";
import { asTrained, type ResolvedEdit, resolveEdit, unedited } from "./resolve.ts";
import { type EditServices, silentListener } from "./services.ts";
import { cached } from "./variant-cache.ts";
import { modelFingerprint, variantFingerprint } from "./variant-fingerprint.ts";

export interface VariantFiles {
  /** Checkpoint folder whose graph is run. */
  model: string;
  /**
   * Safetensors of factors that are added to linear layers: `<module>.A` F32 [r, in], `<module>.B` F32 [out, r], the
   * scale folded into B; module names as in the pairing (`model.layers.0.self_attn.q_proj`). Undefined: none.
   */
  factors: string | undefined;
  /** Why it had to be merged into a cached checkpoint of the workspace first. */
  merged: string | undefined;
  /** Of the weights and the edit, whatever their paths: same fingerprint, same numbers. */
  fingerprint: string;
}

/**
 * @throws DeltaScopeError `edit.no-intruders`, `edit.not-possible`, `workspace.disk-full`, what opening, pairing and
 * measuring throw, `job.cancelled`
 */
export async function materialiseVariant(
  variant: VariantSpec,
  services: EditServices,
  signal?: AbortSignal,
): Promise<VariantFiles & { alerts: Alert[] }> {
  if (variant.tuned === undefined) return baseAlone(variant.base);
  const opened = await openPair(variant.base, variant.tuned, services.backend, signal);
  const edit = variant.intervention
    ? await resolveEdit(opened, variant.intervention, services, silentListener, signal)
    : unedited;
  const fingerprint = variantFingerprint(opened, edit);
  const reason = whyMerged(opened, edit);
  const files =
    reason === undefined
      ? await unmerged(opened, edit, fingerprint, services, signal)
      : { model: await mergedModel(opened, edit, fingerprint, services, signal), factors: undefined };
  const said = reason === undefined ? [] : [mergedFirst(variant.tuned, reason)];
  return { ...files, merged: reason, fingerprint, alerts: [...opened.alerts, ...edit.alerts, ...said] };
}

/** Checkpoint and factors of an edit; undefined where it would have to be merged. */
export async function variantFactors(
  opened: OpenedPair,
  edit: ResolvedEdit,
  services: EditServices,
  signal?: AbortSignal,
): Promise<Pick<VariantFiles, "model" | "factors"> | undefined> {
  if (whyMerged(opened, edit) !== undefined) return undefined;
  return unmerged(opened, edit, variantFingerprint(opened, edit), services, signal);
}

async function baseAlone(location: string): Promise<VariantFiles & { alerts: Alert[] }> {
  const { source, fingerprint, alerts } = await openBase(location);
  return {
    ...{ model: placeOf(source), factors: undefined, merged: undefined },
    fingerprint: modelFingerprint(fingerprint),
    alerts,
  };
}

/** A path on this machine, also for Hub ids. */
function placeOf({ single, root }: Source): string {
  return single?.path ?? root;
}

function mergedFirst(tuned: string, reason: string): Alert {
  const message = `Merged in float32 before scoring, because ${reason}; rounding apart the numbers are those of the unmerged model.`;
  return makeAlert("evaluation.merged-first", message, tuned, "info");
}

/** Undefined where the graph of a checkpoint on disk, with factors on its linear layers, is the variant. */
function whyMerged(opened: OpenedPair, edit: ResolvedEdit): string | undefined {
  if (opened.tuned.kind === "adapter") return beyondFactors(opened);
  const changed = opened.pairing.matrices.filter(({ name }) => edit.changes.has(name));
  const whole = changed.find(({ name }) => edit.changes.get(name)?.weight !== 1);
  if (whole || edit.vectorWeight !== 1) return "the edit changes whole matrices of a full checkpoint";
  const outside = changed.find(({ role }) => role.group !== "attention" && role.group !== "mlp");
  return outside && `the edit changes ${outside.name}, which takes no factors`;
}

async function unmerged(
  opened: OpenedPair,
  edit: ResolvedEdit,
  fingerprint: string,
  services: EditServices,
  signal: AbortSignal | undefined,
): Promise<Pick<VariantFiles, "model" | "factors">> {
  const { base, tuned, pairing } = opened;
  const modules = pairing.matrices.map((pair) => namedFactors(pair, opened, edit)).filter(({ rank }) => rank > 0);
  const model = placeOf(tuned.kind === "full" ? tuned.source : base.source);
  if (modules.length === 0) return { model, factors: undefined };
  const name = `${fingerprint}.safetensors`;
  const write = (path: string) => writeFactors(path, modules, services, signal);
  return { model, factors: await cached("factors", { name, bytes: factorBytes(modules), write }, services.cache) };
}

/** Only vectors are added where ΔW is in the graph already, or where nothing of it is left. */
function namedFactors(pair: MatrixPair, { tuned }: OpenedPair, { changes }: ResolvedEdit): NamedFactors {
  const change = changes.get(pair.name) ?? asTrained;
  const vectorsOnly = tuned.kind === "full" || change.weight === 0;
  const sums = [vectorsOnly ? { ...change, weight: 0, lowRank: [] } : factorSum(pair, change)];
  return { name: pair.name, shape: pair.shape, rank: rankOf(sums), sums };
}

async function mergedModel(
  opened: OpenedPair,
  edit: ResolvedEdit,
  fingerprint: string,
  services: EditServices,
  signal: AbortSignal | undefined,
): Promise<string> {
  const plan = mergedCheckpoint(opened, { edit, dtype: "F32", tied: "as-running" });
  const bytes = checkpointBytes(plan);
  const write = async (folder: string): Promise<void> => {
    await writeFolder({ folder, overwrite: false }, bytes, (temporary) =>
      writeCheckpoint(temporary, plan, services, silentListener, signal),
    );
  };
  return cached("models", { name: fingerprint, bytes, write }, services.cache);
}
