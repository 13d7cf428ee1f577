/** From an intervention as it is asked to what becomes of each module: vectors chosen, sizes known. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { ArmOutcome, Intervention } from "../../contract/domain/edit.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import {
  armOutcomeOf,
  chosenIndices,
  type ModuleEdit,
  moduleEdit,
  neighbourIndices,
} from "../../contract/intervention.ts";
import type { Change } from "../linalg/edit-backend.ts";
import { quoteSome } from "../source/quote.ts";
import { armAlerts } from "./arm-alerts.ts";
import { decideModules, type Flags } from "./decisions.ts";
import { type GeometryQuestion, type MeasuredModule, measureGeometry } from "./geometry.ts";
import type { OpenedPair } from "./open-pair.ts";
import { type EditListener, type EditServices, silentListener } from "./services.ts";

/** What becomes of a pair: ΔW′ = weight·ΔW + Σ coefficient·u·vᵀ per module; modules that are not named stay as trained. */
export interface ResolvedEdit {
  changes: ReadonlyMap<string, Change>;
  /** Factor on the change of norms and biases. */
  vectorWeight: number;
  /** Plain data that decides every number, for fingerprints. */
  identity: unknown;
  /** Every arm at this λ over the same modules, where their vectors were looked at. */
  arms: ArmOutcome[];
  alerts: Alert[];
}

/** As trained. */
export const unedited: ResolvedEdit = {
  changes: new Map(),
  vectorWeight: 1,
  identity: null,
  arms: [],
  alerts: [],
};

export const asTrained: Change = { weight: 1, vectors: [] };

/**
 * Chooses vectors and computes every module's change. At λ = 1 nothing is looked at, because nothing changes.
 * @param depth `below`: also decide the vectors that may come up when intruders shrink, to count what is left
 * @throws DeltaScopeError `edit.no-intruders`, `edit.not-possible` for modules or vectors that are not there, and what
 * measuring throws
 */
export async function resolveEdit(
  opened: OpenedPair,
  intervention: Intervention,
  services: EditServices,
  listener: EditListener = silentListener,
  signal?: AbortSignal,
  depth: "tested" | "below" = "tested",
): Promise<ResolvedEdit> {
  if (intervention.lambda === 1) return unedited;
  const pairs = pairsInScope(opened, intervention);
  if (intervention.arm === "interpolate") return interpolated(pairs, intervention);
  const flags = await flagsFor(opened, pairs, intervention, services, listener, signal);
  const touched = pairs.filter((pair) => isTouched(pair, intervention, flags.get(pair.name) ?? []));
  if (touched.length === 0) throw noIntruders(pairs.length, intervention, undecidedIn(flags));
  const questions =
    depth === "below" && flags.size > 0
      ? await questionsBelow(opened, touched, flags, intervention, services, listener, signal)
      : touched.map((pair) => ({ pair, count: depthOf(pair, intervention), flags: flags.get(pair.name) ?? [] }));
  const measured = await measureGeometry(opened, questions, services, listener, signal);
  return resolved(measured, intervention, undecidedIn(flags));
}

/** Matrices that the intervention may change. Embeddings and head take part when named, and in interpolations. */
function pairsInScope({ pairing }: OpenedPair, { arm, modules, which }: Intervention): MatrixPair[] {
  const named = typeof which === "string" ? modules : which.map(({ module }) => module);
  if (named === undefined) {
    const whole = arm === "interpolate";
    return pairing.matrices.filter(({ role }) => whole || (role.group !== "embedding" && role.group !== "head"));
  }
  const known = new Map(pairing.matrices.map((pair) => [pair.name, pair]));
  const unknown = named.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    const message = `The tuned source changes no module named ${quoteSome(unknown, 3)}.`;
    throw new DeltaScopeError("edit.not-possible", message, unknown[0]);
  }
  const allowed = modules === undefined ? named : named.filter((name) => modules.includes(name));
  return [...new Set(allowed)].map((name) => known.get(name)).filter((pair) => pair !== undefined);
}

/** WiSE-FT: W0 + λ·ΔW over everything that changed, or over the modules that are named. */
function interpolated(pairs: readonly MatrixPair[], { lambda, modules, which }: Intervention): ResolvedEdit {
  const whole = modules === undefined && typeof which === "string";
  const names = pairs.map(({ name }) => name);
  return {
    changes: new Map(names.map((name) => [name, { weight: lambda, vectors: [] }])),
    vectorWeight: whole ? lambda : 1,
    identity: { arm: "interpolate", lambda, modules: whole ? "all" : names.toSorted() },
    arms: [],
    alerts: [],
  };
}

/** Vectors chosen by hand need no decision, except where neighbours that are no intruders are looked for. */
async function flagsFor(
  opened: OpenedPair,
  pairs: readonly MatrixPair[],
  intervention: Intervention,
  services: EditServices,
  listener: EditListener,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Flags>> {
  if (typeof intervention.which !== "string" && intervention.arm !== "neighbour") return new Map();
  return decideModules(opened, pairs, intervention, services, listener, signal);
}

function isTouched({ name }: MatrixPair, { which }: Intervention, flags: Flags): boolean {
  if (typeof which === "string") return flags.includes(true);
  return which.some(({ module }) => module === name);
}

/** Top vectors to search: those that were tested, and those chosen by hand. */
function depthOf({ name, shape }: MatrixPair, { which, k }: Intervention): number {
  if (typeof which === "string") return k;
  const chosen = which.filter(({ module }) => module === name).flatMap(({ vectors }) => vectors);
  const last = Math.max(...chosen);
  const vectors = Math.min(...shape);
  if (last < vectors) return Math.max(k, last + 1);
  throw new DeltaScopeError(
    "edit.not-possible",
    `${name} has ${vectors} singular vectors; ${last} is none of them.`,
    name,
  );
}

function resolved(measured: readonly MeasuredModule[], intervention: Intervention, undecided: string[]): ResolvedEdit {
  const { arm, lambda, which, k } = intervention;
  const edited = measured.map((module) => {
    const chosen = chosenIndices(module.geometry, which, k);
    requireSearched(module, chosen);
    return { measured: module, chosen, edit: moduleEdit(module.geometry, { arm, lambda, k }, chosen) };
  });
  return {
    changes: new Map(edited.map(({ measured: { triplets }, edit }) => [edit.module, changeOf(edit, triplets)])),
    vectorWeight: 1,
    identity: {
      arm,
      lambda,
      modules: edited
        .map(({ edit, chosen, measured: { geometry } }) => [
          edit.module,
          arm === "neighbour" ? neighbourIndices(geometry, chosen, k) : chosen,
        ])
        .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
    },
    arms: outcomesOf(measured, intervention),
    alerts: [...undecidedAlert(undecided, intervention), ...armAlerts(edited, intervention)],
  };
}

/** As many vectors below the top k as there are intruders in it, each decided. */
export async function questionsBelow(
  opened: OpenedPair,
  pairs: readonly MatrixPair[],
  flags: ReadonlyMap<string, Flags>,
  { k, epsilon }: Pick<Intervention, "k" | "epsilon">,
  services: EditServices,
  listener: EditListener = silentListener,
  signal?: AbortSignal,
): Promise<GeometryQuestion[]> {
  const depths = Map.groupBy(pairs, ({ name, shape }) => {
    const intruders = (flags.get(name) ?? []).filter((flag) => flag === true).length;
    return Math.min(k + intruders, ...shape);
  });
  const questions: GeometryQuestion[] = [];
  for (const [count, group] of depths) {
    const deeper = await decideModules(opened, group, { k: count, epsilon }, services, listener, signal);
    questions.push(...group.map((pair) => ({ pair, count, flags: deeper.get(pair.name) ?? [] })));
  }
  return questions;
}

/** W may have fewer singular values that are not zero than were asked for. */
function requireSearched({ geometry, triplets }: MeasuredModule, chosen: readonly number[]): void {
  const found = triplets.singularValues.length;
  const beyond = chosen.find((index) => index >= found);
  if (beyond === undefined) return;
  const message = `${geometry.module} has ${found} singular values that are not zero; vector ${beyond} is none of them.`;
  throw new DeltaScopeError("edit.not-possible", message, geometry.module);
}

function changeOf({ factor, vectors }: ModuleEdit, triplets: Change["triplets"]): Change {
  return { weight: factor, vectors, triplets: vectors.length > 0 ? triplets : undefined };
}

const ARMS = ["scale", "step", "shrink", "rescaled", "interpolate", "neighbour"] as const;

/** Arms for comparison; neighbours only where it is known which vectors are no intruders. */
function outcomesOf(measured: readonly MeasuredModule[], { which, lambda, k, arm }: Intervention): ArmOutcome[] {
  const geometries = measured.map(({ geometry }) => geometry);
  const decided = typeof which === "string" || arm === "neighbour";
  const arms = ARMS.filter((one) => decided || one !== "neighbour");
  return arms.map((one) => armOutcomeOf(geometries, { arm: one, lambda, which, k }));
}

function undecidedIn(flags: ReadonlyMap<string, Flags>): string[] {
  return [...flags].filter(([, decisions]) => decisions.includes(null)).map(([name]) => name);
}

function undecidedAlert(modules: readonly string[], { which, epsilon }: Intervention): Alert[] {
  if (modules.length === 0 || typeof which !== "string") return [];
  const message = `In ${quoteSome(modules, 3)} the best cosine of some vectors may lie on either side of ${epsilon}; these vectors are left as they are.`;
  return [makeAlert("edit.undecided", message, modules[0])];
}

function noIntruders(modules: number, { k, epsilon }: Intervention, undecided: string[]): DeltaScopeError {
  const open = undecided.length > 0 ? `; in ${quoteSome(undecided, 3)} some vectors are not decided` : "";
  const message = `None of the top ${k} left singular vectors of ${modules} modules has its best cosine below ${epsilon}${open}.`;
  return new DeltaScopeError("edit.no-intruders", message, undecided[0]);
}
