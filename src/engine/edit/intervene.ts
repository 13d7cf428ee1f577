/** `intervene`: an edited adapter where an adapter can hold the edit, else an edited full checkpoint. */
import type { EditSpec, Intervention } from "../../contract/domain/edit.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { moduleFilter } from "../analysis/filter.ts";
import type { Change } from "../linalg/edit-backend.ts";
import { baseNameFor } from "./adapter-config.ts";
import { adapterBytes, writeAdapter } from "./adapter-folder.ts";
import { checkpointBytes, writeCheckpoint } from "./checkpoint-folder.ts";
import { marked } from "./edit-mark.ts";
import type { EditRun, Written } from "./edit-run.ts";
import { beyondFactors, factorSum, fullWritten } from "./factors.ts";
import { mergedCheckpoint } from "./merged.ts";
import { type OpenedPair, openPair } from "./open-pair.ts";
import { checkOutput, type OutputPlace, writeFolder } from "./output-folder.ts";
import { type ResolvedEdit, resolveEdit } from "./resolve.ts";
import { roundingAlert } from "./rounding-alert.ts";
import { release, shortened, truncationAlert, withTruncation } from "./shorten.ts";

export type InterveneSpec = Extract<EditSpec, { edit: "intervene" }>;

export async function intervene(spec: InterveneSpec, run: EditRun): Promise<Written> {
  const { services, listener, signal } = run;
  const opened = await openPair(spec.base, spec.tuned, services.backend, signal);
  const place = await checkOutput({ ...spec, inputs: [opened.base, opened.tuned] });
  const reason = spec.full ? undefined : whyNoAdapter(opened);
  const asAdapter = !spec.full && reason === undefined;
  if (spec.rank !== undefined && !asAdapter) throw rankOfFull(spec.tuned, reason);
  if (asAdapter && (spec.dtype === "BF16" || spec.dtype === "F16")) throw typeOfAdapter(spec.dtype);
  const intervention = scoped(opened, spec);
  const edit = await resolveEdit(opened, intervention, services, listener, signal, "below");
  const written = asAdapter
    ? await writeEditedAdapter(opened, edit, spec.rank, place, run)
    : await writeEditedCheckpoint(opened, edit, spec.dtype, place, run);
  const said = reason !== undefined && opened.tuned.kind === "adapter" ? [fullWritten(reason, spec.tuned)] : [];
  return {
    ...written,
    edited: [...edit.changes.values()].filter(isEdit).length,
    arms: edit.arms,
    alerts: [...opened.alerts, ...edit.alerts, ...said, ...written.alerts],
    base: opened.base.source.location,
  };
}

/** Neighbours that are not there, or a factor of one, leave a module as it was. */
function isEdit({ weight, vectors }: Change): boolean {
  return weight !== 1 || vectors.length > 0;
}

/** A head or embedding of its own is written as LoRA; where the two share a matrix peft's loading would tie them. */
function whyNoAdapter(opened: OpenedPair): string | undefined {
  const reason = beyondFactors(opened);
  const expert = opened.pairing.matrices.find(({ role }) => role.expert !== null);
  return reason ?? (expert && `the experts of ${expert.name} share fused factors`);
}

function rankOfFull(tuned: string, reason: string | undefined): DeltaScopeError {
  const why = reason === undefined ? "--full asks for a whole checkpoint" : reason;
  return new DeltaScopeError(
    "edit.not-possible",
    `--rank is for adapters, but of ${tuned} a full checkpoint is written: ${why}.`,
  );
}

function typeOfAdapter(dtype: string): DeltaScopeError {
  const message = `--dtype ${dtype} is for full checkpoints; the edited adapter is written in float32. Add --full.`;
  return new DeltaScopeError("edit.not-possible", message);
}

/** The pattern as names of modules that the tuned source changes. */
function scoped({ pairing }: OpenedPair, { intervention, pattern }: InterveneSpec): Intervention {
  if (pattern === undefined) return intervention;
  const names = pairing.matrices.filter(moduleFilter({ modules: pattern })).map(({ name }) => name);
  if (names.length > 0) return { ...intervention, modules: names };
  throw new DeltaScopeError(
    "analysis.no-modules",
    `No module that the tuned source changes passes --modules ${pattern}.`,
  );
}

type WrittenFiles = Pick<Written, "kind" | "folder" | "dtype" | "files" | "modules" | "alerts">;

async function writeEditedAdapter(
  { base, tuned, pairing }: OpenedPair,
  edit: ResolvedEdit,
  rank: number | undefined,
  place: OutputPlace,
  { services, listener, signal }: EditRun,
): Promise<WrittenFiles> {
  if (tuned.kind !== "adapter") throw new DeltaScopeError("internal", "A full checkpoint is no adapter.");
  const lossless = pairing.matrices.map((pair) => ({ pair, factors: [factorSum(pair, edit.changes.get(pair.name))] }));
  const short = rank === undefined ? undefined : await shortened(lossless, rank, { services, listener, signal });
  const modules = short ?? lossless;
  const baseName = baseNameFor(tuned, base, place.folder);
  const written = await writeFolder(place, adapterBytes(modules), async (folder) =>
    marked(
      folder,
      await writeAdapter(folder, { base, modules, source: tuned, baseName }, services, listener, signal),
      edit,
    ),
  ).finally(() => release(modules));
  const reports = short ? withTruncation(short, written.modules) : written.modules;
  return {
    ...{ kind: "adapter", folder: place.folder, dtype: "F32", files: written.files, modules: reports },
    alerts: rank === undefined ? [] : truncationAlert(reports, rank),
  };
}

async function writeEditedCheckpoint(
  opened: OpenedPair,
  edit: ResolvedEdit,
  type: InterveneSpec["dtype"],
  place: OutputPlace,
  { services, listener, signal }: EditRun,
): Promise<WrittenFiles> {
  const asked = type === "source" ? undefined : type;
  const plan = mergedCheckpoint(opened, { edit, dtype: asked, tied: "as-peft" });
  const { files, modules } = await writeFolder(place, checkpointBytes(plan), async (folder) =>
    marked(folder, await writeCheckpoint(folder, plan, services, listener, signal), edit),
  );
  const dtype = asked ?? plan.layout.dtype;
  return { kind: "full", folder: place.folder, dtype, files, modules, alerts: roundingAlert(modules, dtype) };
}
