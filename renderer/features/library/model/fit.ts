/** Whether a tuned item can belong to a base, judged from the two headers alone. */
import type { Inspection } from "../../../../src/contract/domain/checkpoint.ts";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { formatCount, formatNumberOf } from "../../../../src/contract/format.ts";
import { isTuned, layerNumbers } from "./item-facts.ts";

export interface Check {
  /** `warn` does not hinder a comparison, `bad` does. */
  result: "ok" | "warn" | "bad";
  text: string;
}

export interface Fit {
  /** Modules that found their partner with the right shape, and modules that have to. */
  found: number;
  total: number;
  checks: Check[];
}

interface Targeted {
  kind: string;
  shape: readonly number[];
  layers: readonly number[];
  modules: number;
}

/** Undefined when one of the two could not be read. */
export function fitOf(tuned: LibraryItem, base: LibraryItem | undefined): Fit | undefined {
  if (!tuned.inspection || !base?.inspection?.checkpoint) return undefined;
  const targeted = tuned.inspection.adapter ? factorTargets(tuned.inspection) : matrixTargets(tuned.inspection);
  const total = targeted.reduce((sum, { modules }) => sum + modules, 0);
  const misfits = targeted.flatMap((target) => misfitOf(target, base.inspection as Inspection));
  const lost = misfits.reduce((sum, { modules }) => sum + modules, 0);
  const found = total - lost;
  const checks: Check[] = [
    {
      result: lost === 0 && total > 0 ? "ok" : "bad",
      text: `${formatCount(found)} of ${formatNumberOf(total, "module")} found${lost === 0 ? ", shapes agree" : ""}`,
    },
    ...misfits.slice(0, shownMisfits).map(({ text }): Check => ({ result: "bad", text })),
    ...configurationChecks(tuned.inspection, base),
  ];
  return { found, total, checks };
}

/** Every kind of a foreign model differs; three say enough. */
const shownMisfits = 3;

export function fits(tuned: LibraryItem, base: LibraryItem): boolean {
  const fit = fitOf(tuned, base);
  return fit !== undefined && fit.total > 0 && fit.found === fit.total;
}

/** Bases of the library that this item would fit, the one its configuration names first. */
export function fittingBases(tuned: LibraryItem, items: readonly LibraryItem[]): LibraryItem[] {
  if (!isTuned(tuned)) return [];
  const bases = items.filter((item) => item.kind === "base" && fits(tuned, item));
  return bases.toSorted((a, b) => Number(isNamedBase(tuned, b)) - Number(isNamedBase(tuned, a)));
}

/** Adapters: one module per pair of factors; its shape is B's rows × A's columns. */
function factorTargets({ roles }: Inspection): Targeted[] {
  const columns = new Map(
    roles.filter(({ kind }) => kind.endsWith(".lora_A")).map(({ kind, shape }) => [kind.slice(0, -7), shape[1]]),
  );
  return roles
    .filter(({ kind }) => kind.endsWith(".lora_B"))
    .map(({ kind, shape, layers, tensors }) => {
      const name = kind.slice(0, -7);
      return {
        kind: name,
        shape: [shape[0] ?? 0, columns.get(name) ?? 0],
        layers: layerNumbers(layers),
        modules: tensors,
      };
    });
}

function matrixTargets({ roles }: Inspection): Targeted[] {
  return roles
    .filter(({ shape, layers }) => shape.length === 2 && layers !== null)
    .map(({ kind, shape, layers, tensors }) => ({ kind, shape, layers: layerNumbers(layers), modules: tensors }));
}

function misfitOf({ kind, shape, layers, modules }: Targeted, base: Inspection): { modules: number; text: string }[] {
  const role = base.roles.find((candidate) => candidate.kind === kind);
  if (!role) return [{ modules, text: `The base has no ${kind}` }];
  if (role.shape.join() !== shape.join()) {
    return [{ modules, text: `${kind} is ${role.shape.join(" × ")} in the base, ${shape.join(" × ")} here` }];
  }
  const present = new Set(layerNumbers(role.layers));
  const missing = layers.filter((layer) => !present.has(layer)).length;
  return missing === 0
    ? []
    : [{ modules: missing, text: `${kind}: the base lacks ${formatNumberOf(missing, "layer")}` }];
}

function configurationChecks(tuned: Inspection, base: LibraryItem): Check[] {
  const checks: Check[] = [];
  const named = tuned.adapter?.baseModel;
  if (named) {
    checks.push(
      isNamed(named, base)
        ? { result: "ok", text: "The configuration names this base" }
        : { result: "warn", text: `The configuration names ${named} as its base` },
    );
  }
  const { checkpoint } = tuned;
  const other = base.inspection?.checkpoint;
  if (checkpoint && other) {
    checks.push(agreement("Architecture", checkpoint.architecture, other.architecture));
    checks.push(agreement("Storage", checkpoint.dtype, other.dtype));
    checks.push(agreement("Head", headOf(checkpoint.tied), headOf(other.tied)));
  }
  return checks;
}

function agreement(word: string, here: string | null, there: string | null): Check {
  const [tuned, base] = [here ?? "unknown", there ?? "unknown"];
  if (tuned === base) return { result: "ok", text: `${word}: ${tuned} in both` };
  return { result: "warn", text: `${word}: ${base} in the base, ${tuned} here` };
}

function headOf(tied: boolean): string {
  return tied ? "tied to the embedding" : "stored";
}

function isNamedBase(tuned: LibraryItem, base: LibraryItem): boolean {
  const named = tuned.inspection?.adapter?.baseModel;
  return named !== null && named !== undefined && isNamed(named, base);
}

/** A configuration names its base by Hub id or by some path of another machine: only the last part is compared. */
function isNamed(named: string, base: LibraryItem): boolean {
  const last = lastPart(named);
  return last !== "" && [base.label, lastPart(base.path), lastPart(base.inspection?.repository ?? "")].includes(last);
}

function lastPart(path: string): string {
  return path.replaceAll("\\", "/").replace(/\/+$/, "").split("/").at(-1) ?? "";
}
