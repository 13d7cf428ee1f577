/** Interventions on a run that the workspace has analysed: closed-form numbers, and what every arm really leaves. */
import type { Arm, ArmOutcome, EditGeometry, Intervention } from "../../contract/domain/edit.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { armOutcomeOf } from "../../contract/intervention.ts";
import { quote, quoteSome } from "../source/quote.ts";
import type { AnalysisRecord } from "../store/types.ts";
import { decideModules } from "./decisions.ts";
import { type MeasuredModule, measureGeometry } from "./geometry.ts";
import { measuredIntruders } from "./measured-intruders.ts";
import { type OpenedPair, openPair } from "./open-pair.ts";
import { questionsBelow, resolveEdit } from "./resolve.ts";
import { type EditServices, silentListener } from "./services.ts";

/**
 * Geometry of the named modules, or of all in the layers that have intruders by the run's own test. Below the top k
 * stand as many vectors as there are intruders, so that the ones which move up when those shrink are known.
 * @throws DeltaScopeError `source.changed` when a source is not the one that was analysed, `run.not-found`
 */
export async function storedGeometry(
  record: AnalysisRecord,
  modules: readonly string[] | undefined,
  services: EditServices,
  signal?: AbortSignal,
): Promise<EditGeometry[]> {
  const opened = await openStored(record, services, signal);
  const pairs = modules === undefined ? layerMatrices(opened) : namedMatrices(opened, modules, record.label);
  const { k, epsilon } = record.settings;
  const flags = await decideModules(opened, pairs, { k, epsilon }, services, silentListener, signal);
  const wanted = pairs.filter(({ name }) => modules !== undefined || flags.get(name)?.includes(true));
  const questions = await questionsBelow(opened, wanted, flags, { k, epsilon }, services, silentListener, signal);
  const measured = await measureGeometry(opened, questions, services, silentListener, signal);
  const found = new Map(measured.map(({ geometry }) => [geometry.module, geometry]));
  return wanted.map(({ name }) => found.get(name)).filter((geometry) => geometry !== undefined);
}

/**
 * Arms over the modules that hold chosen vectors. Intruders left are counted in the edited matrices themselves where
 * the closed form does not tell; null where those would have to be written whole first.
 * @throws DeltaScopeError `edit.no-intruders`, and as `storedGeometry`
 */
export async function storedArms(
  record: AnalysisRecord,
  intervention: Omit<Intervention, "arm">,
  arms: readonly Arm[],
  services: EditServices,
  signal?: AbortSignal,
): Promise<ArmOutcome[]> {
  const opened = await openStored(record, services, signal);
  const measured = await chosenModules(opened, intervention, services, signal);
  const outcomes: ArmOutcome[] = [];
  for (const arm of arms) {
    const outcome = armOutcomeOf(
      measured.map(({ geometry }) => geometry),
      { ...intervention, arm },
    );
    const intruders =
      outcome.intruders ?? (await countIntruders(opened, measured, { ...intervention, arm }, services, signal));
    outcomes.push({ ...outcome, intruders });
  }
  return outcomes;
}

/** Modules that the intervention itself would change: every arm is asked about the same ones. */
async function chosenModules(
  opened: OpenedPair,
  intervention: Omit<Intervention, "arm">,
  services: EditServices,
  signal: AbortSignal | undefined,
): Promise<MeasuredModule[]> {
  const removal: Intervention = { ...intervention, arm: "scale", lambda: 0 };
  const { changes } = await resolveEdit(opened, removal, services, silentListener, signal);
  const pairs = opened.pairing.matrices.filter(({ name }) => changes.has(name));
  const { k, epsilon } = intervention;
  const flags = await decideModules(opened, pairs, { k, epsilon }, services, silentListener, signal);
  const questions = pairs.map((pair) => ({
    pair,
    count: changes.get(pair.name)?.triplets?.singularValues.length ?? k,
    flags: flags.get(pair.name) ?? [],
  }));
  return measureGeometry(opened, questions, services, silentListener, signal);
}

async function countIntruders(
  opened: OpenedPair,
  measured: readonly MeasuredModule[],
  intervention: Intervention,
  services: EditServices,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const pairs = measured.map(({ pair }) => pair);
  const named = { ...intervention, modules: pairs.map(({ name }) => name) };
  const edit = await resolveEdit(opened, named, services, silentListener, signal);
  return (await measuredIntruders(opened, pairs, edit, intervention, services, signal)) ?? null;
}

async function openStored(
  record: AnalysisRecord,
  { backend }: EditServices,
  signal: AbortSignal | undefined,
): Promise<OpenedPair> {
  const opened = await openPair(record.base.path, record.path, backend, signal);
  requireUnchanged(opened.base.fingerprint, record.base.fingerprint, record.base.path);
  requireUnchanged(opened.tuned.fingerprint, record.fingerprint, record.path);
  return opened;
}

function requireUnchanged(now: string, then: string, path: string): void {
  if (now === then) return;
  const message = `${quote(path)} holds other weights than when it was analysed. Analyse it again first.`;
  throw new DeltaScopeError("source.changed", message, path);
}

function layerMatrices({ pairing }: OpenedPair): MatrixPair[] {
  return pairing.matrices.filter(({ role }) => role.group !== "embedding" && role.group !== "head");
}

function namedMatrices({ pairing }: OpenedPair, names: readonly string[], label: string): MatrixPair[] {
  const known = new Map(pairing.matrices.map((pair) => [pair.name, pair]));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length > 0) {
    throw new DeltaScopeError("run.not-found", `Run ${label} has no module ${quoteSome(missing, 3)}.`, missing[0]);
  }
  return names.map((name) => known.get(name)).filter((pair) => pair !== undefined);
}
