/** How large the change is and over how many directions it spreads. */
import type { ModuleMeasures } from "../../../contract/domain/analysis.ts";
import type { Finding, FindingPart } from "../../../contract/domain/finding.ts";
import { median } from "../../../contract/statistics.ts";
import { type Clause, type FindingRun, names, run, sentence, text, value } from "./sentence.ts";

/** "Relative change ‖ΔW‖/‖W0‖: fft 4.2 %; lora-r4 18.0 %." */
export function relativeChanges(runs: readonly FindingRun[]): Finding[] {
  const clauses = runs.flatMap((entry): Clause[] => {
    const { relativeDelta, deltaFrobenius } = entry.totals;
    if (relativeDelta === null || deltaFrobenius === 0) return [];
    return [{ parts: [run(entry.label), text(" "), value(relativeDelta * 100, "%", "computed")], modules: [] }];
  });
  return sentence("size", "compare", clauses, { before: [text("Relative change ‖ΔW‖/‖W0‖: ")] });
}

/** "beft: no matrix changes, 4 norms and biases do, by up to 24 %." */
export function vectorChanges(runs: readonly FindingRun[]): Finding[] {
  const clauses = runs.flatMap((entry): Clause[] => {
    const changed = (entry.vectors ?? []).filter(({ frobenius }) => frobenius > 0);
    if (entry.modules.length > 0 || changed.length === 0) return [];
    const largest = Math.max(...changed.map(({ relative }) => relative ?? 0));
    const words = changed.length === 1 ? "norm or bias" : "norms and biases";
    const size = largest > 0 ? [text(", by up to "), value(largest * 100, "%", "computed")] : [];
    const count = value(changed.length, words, "computed");
    const verb = text(changed.length === 1 ? " does" : " do");
    return [{ parts: [run(entry.label), text(": no matrix changes, "), count, verb, ...size], modules: [] }];
  });
  return sentence("vectors", "compare", clauses);
}

/** "Median effective rank of ΔW: fft 37.9 (noise of the same shapes: about 103); lora-r4 3.40." */
export function spreads(runs: readonly FindingRun[]): Finding[] {
  const clauses = runs.flatMap((entry): Clause[] => {
    const rank = median(entry.modules.map(({ delta }) => delta?.effectiveRank.entropy));
    if (rank === undefined) return [];
    const noise = entry.kind === "full" ? noiseParts(entry.modules) : [];
    return [{ parts: [run(entry.label), text(" "), value(rank, "", "computed"), ...noise], modules: [] }];
  });
  return sentence("spread", "spectra", clauses, { before: [text("Median effective rank of ΔW: ")] });
}

/** What pure noise of the same shapes would give: the mark beside which a full run's rank is read. */
function noiseParts(modules: readonly ModuleMeasures[]): FindingPart[] {
  const noise = median(
    modules.map(({ delta, shape }) => delta?.noiseReference && delta.noiseReference.entropy * Math.min(...shape)),
  );
  if (noise === undefined) return [];
  return [text(" (noise of the same shapes: "), value(noise, "", "estimated"), text(")")];
}

/** Runs whose every ΔW is zero: nothing was learnt, or the adapter was saved before training. */
export function unchanged(runs: readonly FindingRun[]): Finding[] {
  const clauses = runs.flatMap((entry): Clause[] => {
    const measured = entry.modules.filter(({ delta }) => delta !== null);
    if (measured.length === 0 || measured.some(({ delta }) => delta?.frobenius !== 0)) return [];
    // Embeddings and head, which may have changed, count only where they were asked for.
    const where = measured.every(({ layer }) => layer !== null) ? "every module of the layers" : "every module";
    return [{ parts: [run(entry.label), text(`: ΔW is zero in ${where}`)], modules: names(measured) }];
  });
  return sentence("unchanged", "compare", clauses);
}
