/** Rank and alpha of one module: the first pattern in file order wins. */
import type { Steps } from "../turns.ts";
import { invalidConfig, type LoraConfig, showValue } from "./config.ts";
import { compilePattern, type Pattern, whyNotCompiled } from "./pattern.ts";

/** A pattern that is a plain name: letters, digits, `_`, `-`, and dots, which stand for any character. */
const PLAIN_NAME = /^[\w.-]+$/u;
/** Most patterns of one table: EVA writes one per module, and the largest mixtures of experts have 40,000 modules. */
export const MAXIMUM_PATTERNS = 100_000;
/** Most patterns that are no plain names; people write a handful. */
export const MAXIMUM_EXPRESSIONS = 256;

export interface RankAndAlpha {
  rank: number;
  alpha: number;
  /** alpha / r, or alpha / √r with rsLoRA. */
  scale: number;
}

/** Rank, alpha and scale by the name in the wrapped model. Throws `adapter.config-invalid` for a pattern it cannot read. */
export function* makeRankAndAlpha(config: LoraConfig): Steps<(wrapped: string) => RankAndAlpha> {
  const ranks = yield* makeLookup("rank_pattern", config.rankPattern);
  const alphas = yield* makeLookup("alpha_pattern", config.alphaPattern);
  return (wrapped) => {
    const rank = ranks(wrapped) ?? config.r;
    const alpha = alphas(wrapped) ?? config.lora_alpha;
    return { rank, alpha, scale: alpha / (config.use_rslora ? Math.sqrt(rank) : rank) };
  };
}

interface Entry<Form> {
  pattern: Form;
  value: number;
  /** Place in the file. */
  position: number;
}

/** Plain patterns, so that long tables (one pattern per module) cost one look-up per name and not one per pattern. */
interface PlainTable {
  /** The first entry of each pattern. */
  exact: Map<string, Entry<string>>;
  /** All entries by length, then by number of dots. */
  bySize: Map<number, Map<number, Entry<string>[]>>;
}

function* makeLookup(key: string, entries: readonly [string, number][]): Steps<(name: string) => number | undefined> {
  const plain: Entry<string>[] = [];
  const expressions: Entry<string>[] = [];
  for (const [position, [pattern, value]] of entries.entries()) {
    yield;
    (PLAIN_NAME.test(pattern) ? plain : expressions).push({ pattern, value, position });
  }
  if (entries.length > MAXIMUM_PATTERNS || expressions.length > MAXIMUM_EXPRESSIONS) {
    const limits = `${MAXIMUM_PATTERNS}, of which ${MAXIMUM_EXPRESSIONS} may be more than plain names`;
    throw invalidConfig(`\`${key}\` has ${entries.length} patterns; the limit is ${limits}.`);
  }
  const table = yield* plainTable(plain);
  const compiled = expressions.map((entry) => ({ ...entry, pattern: compileOrRefuse(key, entry.pattern) }));
  return (name) => {
    const found = firstPlain(table, name);
    const earlier = compiled.find(({ pattern, position }) => isBefore(position, found) && pattern.matchesStart(name));
    return (earlier ?? found)?.value;
  };
}

function* plainTable(entries: readonly Entry<string>[]): Steps<PlainTable> {
  const table: PlainTable = { exact: new Map(), bySize: new Map() };
  for (const entry of entries) {
    yield;
    const { pattern } = entry;
    if (!table.exact.has(pattern)) table.exact.set(pattern, entry);
    const byDots = table.bySize.get(pattern.length) ?? new Map<number, Entry<string>[]>();
    table.bySize.set(pattern.length, byDots);
    const same = byDots.get(dotsIn(pattern));
    if (same === undefined) byDots.set(dotsIn(pattern), [entry]);
    else same.push(entry);
  }
  return table;
}

/** A plain pattern fits one of the ends of a name that start behind a dot. */
function firstPlain(table: PlainTable, name: string): Entry<string> | undefined {
  let first: Entry<string> | undefined;
  for (const start of partStarts(name)) {
    const end = name.slice(start);
    for (const found of [table.exact.get(end), firstWithWildcard(table, end)]) {
      if (found !== undefined && isBefore(found.position, first)) first = found;
    }
  }
  return first;
}

/** A dot of a name meets only a dot of the pattern; a pattern that fits without being equal has more dots than the name. */
function firstWithWildcard({ bySize }: PlainTable, end: string): Entry<string> | undefined {
  let first: Entry<string> | undefined;
  const dotsOfEnd = dotsIn(end);
  for (const [dots, entries] of bySize.get(end.length) ?? []) {
    const found = dots > dotsOfEnd ? entries.find(({ pattern }) => fits(end, pattern)) : undefined;
    if (found !== undefined && isBefore(found.position, first)) first = found;
  }
  return first;
}

function dotsIn(text: string): number {
  return text.split(".").length - 1;
}

function isBefore(position: number, other: Entry<string> | undefined): boolean {
  return other === undefined || position < other.position;
}

/** Where the parts between dots begin. */
function partStarts(name: string): number[] {
  const starts = [0];
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) starts.push(dot + 1);
  return starts;
}

function fits(end: string, pattern: string): boolean {
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] !== "." && pattern[i] !== end[i]) return false;
  }
  return true;
}

/** `re.match("^(.*\.)?(KEY)$", name)`. */
function compileOrRefuse(key: string, pattern: string): Pattern {
  const compiled = compilePattern(`^(.*\\.)?(${pattern})$`);
  if (compiled !== undefined) return compiled;
  throw invalidConfig(
    `the pattern ${showValue(pattern)} of \`${key}\` ${whyNotCompiled(pattern)}, and the tensors do not tell rank and alpha.`,
  );
}
