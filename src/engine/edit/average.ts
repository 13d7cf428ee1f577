/** `average`: one model from several of a run; of adapters the average of their ΔW. */
import type { EditSpec } from "../../contract/domain/edit.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { AdapterPackage, Checkpoint, Tensor } from "../checkpoint/checkpoint.ts";
import { open } from "../checkpoint/open.ts";
import type { FactorSum } from "../linalg/edit-backend.ts";
import { quote } from "../source/quote.ts";
import { baseNameFor } from "./adapter-config.ts";
import { adapterBytes, writeAdapter } from "./adapter-folder.ts";
import { checkpointBytes, writeCheckpoint } from "./checkpoint-folder.ts";
import { requireWidth, type Sum } from "./checkpoint-plan.ts";
import type { EditRun, Written } from "./edit-run.ts";
import { beyondFactors, factorSum } from "./factors.ts";
import { type OpenedPair, openPair } from "./open-pair.ts";
import { checkOutput, type OutputPlace, writeFolder } from "./output-folder.ts";
import { release, shortened, truncationAlert, withTruncation } from "./shorten.ts";

type AverageSpec = Extract<EditSpec, { edit: "average" }>;

/** @throws DeltaScopeError `usage.invalid`, `edit.not-possible`, `pairing.shape-mismatch`, and what writing throws */
export async function average(spec: AverageSpec, run: EditRun): Promise<Written> {
  const weights = normalised(spec);
  const members = await Promise.all(spec.members.map((member) => open(member)));
  const place = await checkOutput({ ...spec, inputs: members });
  const full = members.filter((member) => member.kind === "full");
  if (full.length === members.length) return averageCheckpoints(full, weights, spec, place, run);
  const stranger = full[0];
  if (!stranger) return averageAdapters(spec, weights, place, run);
  const message = `${quote(stranger.source.location)} is a full checkpoint and others are adapters; average one kind.`;
  throw new DeltaScopeError("edit.not-possible", message, stranger.source.location);
}

/** Weights that add up to 1. */
function normalised({ members, weights }: AverageSpec): number[] {
  const given = weights ?? members.map(() => 1);
  if (given.length !== members.length) {
    throw new DeltaScopeError("usage.invalid", `${given.length} weights are given for ${members.length} members.`);
  }
  const bad = given.find((weight) => !Number.isFinite(weight) || weight < 0);
  const total = given.reduce((sum, weight) => sum + weight, 0);
  if (bad === undefined && total > 0) return given.map((weight) => weight / total);
  const what = bad === undefined ? "they add up to 0" : `${bad} is one of them`;
  throw new DeltaScopeError("usage.invalid", `Weights must be numbers of at least 0, one of them above: ${what}.`);
}

async function averageCheckpoints(
  members: readonly Checkpoint[],
  weights: readonly number[],
  { rank }: AverageSpec,
  place: OutputPlace,
  { services, listener, signal }: EditRun,
): Promise<Written> {
  if (rank !== undefined) throw new DeltaScopeError("usage.invalid", "--rank is for averages of adapters.");
  const [layout, ...others] = members as [Checkpoint, ...Checkpoint[]];
  for (const member of members) requireWidth(member);
  for (const other of others) requireSameTensors(layout, other);
  const sums = [...layout.tensors.values()]
    .filter(({ dtype }) => isFloat(dtype))
    .map((tensor): Sum => ({ tensor, terms: termsOf(tensor, members, weights) }));
  const plan = { layout, dtype: undefined, patches: [], sums, ownHead: undefined };
  const { files, tensors } = await writeFolder(place, checkpointBytes(plan), (folder) =>
    writeCheckpoint(folder, plan, services, listener, signal),
  );
  const modules = tensors.map(({ name, frobenius = 0, roundingError = 0 }) => ({
    ...{ module: name, rank: null, error: roundingError, intended: frobenius, read: frobenius },
  }));
  return {
    ...{ kind: "full", folder: place.folder, dtype: layout.dtype, files, modules, arms: [], base: undefined },
    alerts: members.flatMap(({ alerts }) => alerts),
  };
}

function isFloat(dtype: string): boolean {
  return ["F64", "F32", "F16", "BF16"].includes(dtype);
}

function termsOf({ name }: Tensor, members: readonly Checkpoint[], weights: readonly number[]): Sum["terms"] {
  return members.map(({ tensors }, index) => ({ weight: weights[index] ?? 0, tensor: tensors.get(name) as Tensor }));
}

function requireSameTensors(first: Checkpoint, other: Checkpoint): void {
  const missing = [...first.tensors.keys()].find((name) => !other.tensors.has(name));
  if (missing !== undefined) throw lacks(other, missing, first);
  const extra = [...other.tensors.keys()].find((name) => !first.tensors.has(name));
  if (extra !== undefined) throw lacks(first, extra, other);
  for (const [name, { shape }] of first.tensors) {
    const found = other.tensors.get(name)?.shape ?? [];
    if (found.join() === shape.join()) continue;
    const message = `${name} is [${shape.join(", ")}] in ${first.source.location} and [${found.join(", ")}] in ${other.source.location}.`;
    throw new DeltaScopeError("pairing.shape-mismatch", message, name);
  }
}

function lacks(member: Checkpoint, name: string, holder: Checkpoint): DeltaScopeError {
  const message = `${member.source.location} has no tensor ${quote(name)}, which ${holder.source.location} has.`;
  return new DeltaScopeError("pairing.shape-mismatch", message, name);
}

async function averageAdapters(
  { base, members, rank }: AverageSpec,
  weights: readonly number[],
  place: OutputPlace,
  run: EditRun,
): Promise<Written> {
  const { services, listener, signal } = run;
  const opened: OpenedPair[] = [];
  for (const member of members) opened.push(await openPair(base, member, services.backend, signal));
  requireSameBase(opened);
  for (const one of opened) requireFactors(one);
  const lossless = joined(opened, weights);
  const short = rank === undefined ? undefined : await shortened(lossless, rank, run);
  const modules = short ?? lossless;
  const first = opened[0] as OpenedPair;
  const source = first.tuned as AdapterPackage;
  const baseName = baseNameFor(source, first.base, place.folder);
  const written = await writeFolder(place, adapterBytes(modules), (folder) =>
    writeAdapter(folder, { base: first.base, modules, source, baseName }, services, listener, signal),
  ).finally(() => release(modules));
  const reports = short ? withTruncation(short, written.modules) : written.modules;
  return {
    ...{ kind: "adapter", folder: place.folder, dtype: "F32", files: written.files, modules: reports, arms: [] },
    alerts: [...opened.flatMap(({ alerts }) => alerts), ...(rank === undefined ? [] : truncationAlert(reports, rank))],
    base: first.base.source.location,
  };
}

/** Modules of all members; where one of them has no factors its ΔW is zero. */
function joined(opened: readonly OpenedPair[], weights: readonly number[]) {
  const modules = new Map<string, { pair: OpenedPair["pairing"]["matrices"][number]; factors: FactorSum[] }>();
  opened.forEach(({ pairing }, index) => {
    for (const pair of pairing.matrices) {
      const module = modules.get(pair.name) ?? { pair, factors: [] };
      module.factors.push(factorSum(pair, { weight: weights[index] ?? 0, vectors: [] }));
      modules.set(pair.name, module);
    }
  });
  return [...modules.values()];
}

function requireSameBase(opened: readonly OpenedPair[]): void {
  const [first, ...others] = opened;
  const stranger = others.find(({ base }) => base.fingerprint !== first?.base.fingerprint);
  if (!first || !stranger) return;
  const message = `${quote(stranger.tuned.source.location)} belongs to ${quote(stranger.base.source.location)}, others to ${quote(first.base.source.location)}; name one base with --base.`;
  throw new DeltaScopeError("edit.not-possible", message, stranger.tuned.source.location);
}

function requireFactors(opened: OpenedPair): void {
  const reason = beyondFactors(opened);
  if (reason === undefined) return;
  const place = opened.tuned.source.location;
  const message = `${quote(place)} cannot be averaged as an adapter: ${reason}. Merge each member first.`;
  throw new DeltaScopeError("edit.not-possible", message, place);
}
