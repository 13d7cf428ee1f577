/** How the numbers of a module were made, as lines for people. Pure. */
import type { AdapterSummary } from "../../../../src/contract/domain/adapter.ts";
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { AppRun, CosineMap } from "../../../../src/contract/domain/cells.ts";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import {
  formatCosine,
  formatCount,
  formatNumberOf,
  formatSeconds,
  formatSignificant,
  formatThreshold,
} from "../../../../src/contract/format.ts";
import type { Tested, TestSettings } from "./tested.ts";

export interface SourceFacts {
  /** File of one-file sources, else the folder. */
  name: string;
  path: string;
  /** "bf16 · 2 files · 9f3c…e41a" */
  detail: string;
  fingerprint: string;
}

/** What the library knows of a source; only path and fingerprint when it is not listed there any more. */
export function sourceFacts(path: string, fingerprint: string, items: readonly LibraryItem[]): SourceFacts {
  const inspection = items.find((item) => item.path === path)?.inspection;
  const weights = inspection?.files.filter(({ name }) => name.endsWith(".safetensors")) ?? [];
  const dtype = inspection?.adapter?.dtype ?? inspection?.checkpoint?.dtype;
  const [only] = weights;
  const details = [
    ...(dtype === undefined ? [] : [dtype.toLowerCase()]),
    ...(inspection?.adapter?.rank == null ? [] : [`r ${formatCount(inspection.adapter.rank)}`]),
    ...(weights.length > 1 ? [formatNumberOf(weights.length, "file")] : []),
    `sha256 ${shortHash(fingerprint)}`,
  ];
  const name = weights.length === 1 && only ? only.name : (path.split("/").at(-1) ?? path);
  return { name, path, detail: details.join(" · "), fingerprint };
}

export function shortHash(hash: string): string {
  return hash.length <= 12 ? hash : `${hash.slice(0, 4)}…${hash.slice(-4)}`;
}

/** Formula of ΔW and where its scale comes from. */
export function deltaFormula(adapter: AdapterSummary | null): { formula: string; source: string } {
  if (!adapter) return { formula: "W − W₀, entry by entry", source: "from both stored weights" };
  const scale = adapter.scale === null ? "by module" : formatSignificant(adapter.scale);
  const variants = adapter.variants.length === 0 ? "no variants" : adapter.variants.join(", ");
  return {
    formula: `s · B · A, s = ${adapter.scaleFormula} = ${scale}`,
    source: `from adapter_config.json, ${variants}`,
  };
}

const deltaMethods = {
  factors: "ΔW from its factors",
  gram: "ΔW by a float64 Gram matrix",
  bidiagonal: "ΔW by a bidiagonal SVD in float64",
  zero: "ΔW is zero",
} as const;

const decisionMethods = {
  matched: "bounds from the top base vectors",
  lanczos: "bounds by Lanczos",
  exact: "cosines with all base vectors, exact",
} as const;

/** Methods, one per quantity. */
export function methodLines(module: ModuleMeasures, tested: Tested | undefined, map: CosineMap | undefined): string[] {
  const { delta, tuned } = module;
  const decision = tested?.decision;
  const steps = decision?.method === "lanczos" ? `, ${formatNumberOf(decision.steps, "step")}` : "";
  return [
    ...(delta ? [deltaMethods[delta.method]] : []),
    ...(tuned ? [`top ${tuned.singularValues.length} of W by block Krylov`] : []),
    ...(decision ? [`${decisionMethods[decision.method]}${steps}`] : []),
    ...(decision?.degenerate ? ["equal singular values taken as one space"] : []),
    ...(decision?.climbed ?? []),
    ...(map ? ["map by the exact view"] : []),
  ];
}

/** Largest errors that are known. */
export function errorLines({ delta, tuned, base }: ModuleMeasures, tested: Tested | undefined): string[] {
  const residuals = [...(tuned?.residuals ?? []), ...(base?.residuals ?? [])];
  const widths = tested?.vectors.map(({ lower, upper }) => upper - lower) ?? [];
  return [
    ...(residuals.length === 0 ? [] : [`residuals ≤ ${formatSignificant(Math.max(...residuals), 2)}`]),
    ...(delta && delta.resolution > 0 ? [`ΔW resolved above ${formatSignificant(delta.resolution, 2)}`] : []),
    ...(widths.length === 0 ? [] : [boundsWidth(Math.max(...widths))]),
  ];
}

function boundsWidth(width: number): string {
  return width < 0.0005 ? "cosine bounds closer than 0.001" : `cosine bounds within ${formatCosine(width)}`;
}

export function timeLine({ seconds }: ModuleMeasures, map: CosineMap | undefined): string {
  const view = map ? ` + map ${formatSeconds(map.seconds)}` : "";
  return `${formatSeconds(seconds)}${view}`;
}

/** Settings that were stored, and those of the address where they differ. */
export function testLines(run: AppRun, settings: TestSettings): string[] {
  const sides = run.side === "both" ? "left and right vectors" : `${run.side} vectors`;
  const stored = `${sides}, k ${formatCount(run.k)}, ε ${formatThreshold(run.epsilon)}`;
  const same =
    settings.k === run.k && settings.epsilon === run.epsilon && (run.side === "both" || run.side === settings.side);
  if (same) return [stored];
  const shown = `${settings.side} vectors, k ${formatCount(settings.k)}, ε ${formatThreshold(settings.epsilon)}`;
  return [`stored: ${stored}`, `shown: ${shown}, decided again from the stored bounds`];
}

export function mergeLine(run: AppRun): string {
  return run.asMerged ? `rounded to ${run.base.dtype.toLowerCase()} first, as merged` : "float32, not rounded";
}
