/** Where the intruder dimensions sit: layers and kinds of modules. */
import type { ModuleMeasures } from "../../../contract/domain/analysis.ts";
import type { Finding } from "../../../contract/domain/finding.ts";
import { shortText } from "../../../contract/text.ts";
import { type Clause, type FindingRun, names, run, sentence, text, value } from "./sentence.ts";

/** "Most" means at least this share. */
const mostShare = 2 / 3;
/** A range of layers longer than this share of the stack says nothing about place. */
const longestShare = 1 / 2;
/** Kinds named in a sentence. */
const namedKinds = 2;

/** "layers 2–3", or undefined when the intruders are spread over more than half of the stack. */
export function mostLayers(marked: readonly ModuleMeasures[], all: readonly ModuleMeasures[]): string | undefined {
  const stack = new Set(all.flatMap(({ layer }) => (layer === null ? [] : [layer])));
  const range = shortestRange(countsByLayer(marked), mostShare * countOf(marked));
  if (range === undefined || range.last - range.first + 1 > longestShare * stack.size) return undefined;
  return range.first === range.last ? `layer ${range.first}` : `layers ${range.first}–${range.last}`;
}

function countOf(modules: readonly ModuleMeasures[]): number {
  return modules.reduce((sum, { intruders }) => sum + (intruders ?? 0), 0);
}

function countsByLayer(modules: readonly ModuleMeasures[]): [number, number][] {
  const counts = new Map<number, number>();
  for (const { layer, intruders } of modules) {
    if (layer !== null) counts.set(layer, (counts.get(layer) ?? 0) + (intruders ?? 0));
  }
  return [...counts].sort(([a], [b]) => a - b);
}

/** The shortest run of layers that holds at least `wanted`; the one with more, then the earlier, among equals. */
function shortestRange(
  counts: readonly [number, number][],
  wanted: number,
): { first: number; last: number; held: number } | undefined {
  let best: { first: number; last: number; held: number } | undefined;
  for (const [start, [first]] of counts.entries()) {
    let held = 0;
    for (const [last, count] of counts.slice(start)) {
      held += count;
      if (held < wanted) continue;
      if (best === undefined || isShorter({ first, last, held }, best)) best = { first, last, held };
      break;
    }
  }
  return best;
}

function isShorter(a: { first: number; last: number; held: number }, b: typeof a): boolean {
  const difference = a.last - a.first - (b.last - b.first);
  return difference < 0 || (difference === 0 && a.held > b.held);
}

/** "Kinds of modules with most intruder dimensions: lora-r4 down_proj 12 and v_proj 8 of 23." */
export function intruderKinds(runs: readonly FindingRun[]): Finding[] {
  const clauses = runs.flatMap((entry): Clause[] => {
    const marked = entry.modules.filter(({ intruders }) => (intruders ?? 0) > 0);
    const kinds = countsByKind(marked).slice(0, namedKinds);
    const parts = kinds.flatMap(([kind, count], index) => [
      text(`${index === 0 ? " " : " and "}${shortText(kind, 40)} `),
      value(count, "", "certified"),
    ]);
    if (parts.length === 0) return [];
    return [{ parts: [run(entry.label), ...parts, text(` of ${countOf(marked)}`)], modules: names(marked) }];
  });
  return sentence("intruder-kinds", "compare", clauses, {
    before: [text("Kinds of modules with most intruder dimensions: ")],
  });
}

function countsByKind(modules: readonly ModuleMeasures[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { kind, intruders } of modules) counts.set(kind, (counts.get(kind) ?? 0) + (intruders ?? 0));
  return [...counts].sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1));
}
