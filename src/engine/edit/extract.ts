/** `extract-lora`: the best LoRA of what a full fine-tune changed, and what a LoRA cannot hold of it. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { EditSpec } from "../../contract/domain/edit.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { formatShare } from "../../contract/format.ts";
import { moduleFilter } from "../analysis/filter.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { open } from "../checkpoint/open.ts";
import { ProgressMeter } from "../jobs/progress.ts";
import { pair as pairSources } from "../pairing/pair.ts";
import { quote } from "../source/quote.ts";
import { adapterBytes, writeAdapter } from "./adapter-folder.ts";
import type { EditRun, Written } from "./edit-run.ts";
import { asEdited, editModule } from "./geometry.ts";
import { type OpenedPair, openPair } from "./open-pair.ts";
import { checkOutput, writeFolder } from "./output-folder.ts";
import type { WrittenModuleReport } from "./report.ts";
import { release, type ShortModule } from "./shorten.ts";

type ExtractSpec = Extract<EditSpec, { edit: "extract-lora" }>;

/** @throws DeltaScopeError `usage.invalid` without rank and energy or with both, and what opening and writing throw */
export async function extractLora(spec: ExtractSpec, run: EditRun): Promise<Written> {
  if ((spec.rank === undefined) === (spec.energy === undefined)) {
    throw new DeltaScopeError("usage.invalid", "Give either --rank or --energy.");
  }
  const { services, listener, signal } = run;
  const opened = await openPair(spec.base, spec.tuned, services.backend, signal);
  const { base, tuned, pairing } = opened;
  if (tuned.kind === "adapter") {
    const message = `${quote(spec.tuned)} is an adapter already; a LoRA is extracted from a full checkpoint.`;
    throw new DeltaScopeError("edit.not-possible", message, spec.tuned);
  }
  const place = await checkOutput({ ...spec, inputs: [base, tuned] });
  const chosen = pairing.matrices.filter(isLinear).filter(moduleFilter(spec));
  const modules = await extractModules(chosen, spec, run);
  try {
    if (modules.length === 0) throw nothingToExtract(spec, chosen.length);
    const baseName = base.source.repository ?? base.source.root;
    const written = await writeFolder(place, adapterBytes(modules), async (folder) => {
      const { files } = await writeAdapter(
        folder,
        { base, modules, source: undefined, baseName },
        services,
        listener,
        signal,
      );
      return { files, modules: await measured(folder, base, modules, run) };
    });
    const alerts = [...opened.alerts, ...(await leftOut(opened, chosen, run))];
    return {
      ...{ kind: "adapter", folder: place.folder, dtype: "F32", arms: [], base: base.source.location },
      ...written,
      alerts,
    };
  } finally {
    release(modules);
  }
}

/** What peft wraps: linear layers of the stack, one matrix each. */
function isLinear({ role, shape }: MatrixPair): boolean {
  if (role.expert !== null) return false;
  if (role.group === "attention" || role.group === "mlp") return true;
  return role.group === "other" && role.layer !== null && Math.min(...shape) > 1;
}

function nothingToExtract({ modules, tuned }: ExtractSpec, passed: number): DeltaScopeError {
  if (passed > 0) return new DeltaScopeError("edit.not-possible", `No linear layer of ${quote(tuned)} changed.`, tuned);
  const filter = modules === undefined ? "" : ` that passes --modules ${modules}`;
  return new DeltaScopeError("analysis.no-modules", `${quote(tuned)} has no linear layer${filter}.`, tuned);
}

/** Factors of every module that changed. */
async function extractModules(
  pairs: readonly MatrixPair[],
  { rank, energy }: ExtractSpec,
  { services, listener, signal }: EditRun,
): Promise<ShortModule[]> {
  const meter = new ProgressMeter({ phase: "analyze", unit: "modules", total: pairs.length, cost: pairs.length });
  const modules: ShortModule[] = [];
  for (const pair of pairs) {
    const question = { ...editModule(pair), rank, energy, threads: services.threads };
    const factors = await services.edits.extract(question, signal);
    if (factors.frobenius > 0) modules.push({ pair, factors });
    else factors.release();
    const progress = meter.advance(1, 1, pair.name);
    if (progress) listener.progress(progress);
  }
  return modules;
}

/** The written factors against ΔW itself, beside what its spectrum promised. */
async function measured(
  folder: string,
  base: Checkpoint,
  modules: readonly ShortModule[],
  { services, signal }: EditRun,
): Promise<WrittenModuleReport[]> {
  const { matrices } = await pairSources(base, await open(folder, { as: "adapter" }));
  const read = new Map(matrices.map(({ name, delta }) => [name, delta.lowRank ?? []]));
  const reports: WrittenModuleReport[] = [];
  for (const { pair, factors } of modules) {
    const terms = read.get(pair.name) ?? [];
    const comparison = await services.edits.compareUpdate(asEdited(pair), terms, services.threads, signal);
    reports.push({ module: pair.name, rank: factors.rank, predicted: factors.error, ...comparison });
  }
  return reports;
}

/** Names that a message lists. */
const LISTED = 5;

/** Changes that the LoRA does not hold, the largest first, with ‖Δ‖ as a share of what was there. */
async function leftOut(
  { pairing }: OpenedPair,
  chosen: readonly MatrixPair[],
  { services, signal }: EditRun,
): Promise<Alert[]> {
  const { backend } = services;
  const sizes: { name: string; relative: number }[] = [];
  for (const { name, base, delta } of pairing.matrices.filter((pair) => !chosen.includes(pair))) {
    if (!base || !delta.replacement) continue;
    const { deltaFrobenius, baseFrobenius } = await backend.difference(base, delta.replacement, signal);
    sizes.push({ name, relative: deltaFrobenius / baseFrobenius });
  }
  for (const pair of pairing.vectors) {
    const { deltaFrobenius, baseFrobenius } = await backend.vectorDelta(pair, signal);
    sizes.push({ name: pair.name, relative: deltaFrobenius / baseFrobenius });
  }
  const changed = sizes.filter(({ relative }) => relative > 0).sort((one, other) => other.relative - one.relative);
  const [first] = changed;
  if (!first) return [];
  const named = changed.slice(0, LISTED).map(({ name, relative }) => `${name} (${formatShare(relative)})`);
  const more = changed.length > LISTED ? ` and ${changed.length - LISTED} more` : "";
  const message = `${changed.length} changed tensors are not in the LoRA, with their relative change: ${named.join(", ")}${more}.`;
  return [makeAlert("edit.not-in-lora", message, first.name)];
}
