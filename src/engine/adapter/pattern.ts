/**
 * Python's regular expressions, matched in linear time: configurations are hostile input, and a backtracking engine
 * can be kept busy for hours by one of them. What RE2 cannot express does not compile here.
 */
import { RE2JS } from "re2js";
import { DeltaScopeError } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";

/** Longest module name that is matched, in bytes; transformers' names stay below 150. */
export const MAXIMUM_NAME_BYTES = 512;
/** Longest pattern that is compiled, in characters; unsloth's long alternations stay below 5,000. */
export const MAXIMUM_PATTERN_LENGTH = 65_536;

/**
 * Syntax that RE2 reads differently from Python: `{,n}`, which is a repetition only in Python, and RE2's own
 * `\Q…\E`, `\p`, `\C`, `\z`, `[[:class:]]`, `(?U)` and `(?<name>…)`, which Python reads otherwise or refuses.
 */
const DIFFERENT_IN_RE2 = /\{,|\\[QEpPCz]|\[\[:|\(\?[a-z]*U|\(\?</u;

/** What Python decides by Unicode and RE2 by ASCII (or, of an empty name, otherwise): classes, borders, letter case. */
const BY_LETTERS = /\\[wWdDsSbB]|\(\?[a-zA-Z-]*i/u;
const OTHER_LETTERS = /[^\x20-\x7e]|^$/u;

/**
 * Time that one pattern may take over all names together. Linear is not cheap: a repeated group costs its size at
 * every character, and a configuration can be matched against thousands of names.
 */
const BUDGET_MILLISECONDS = 2_000;

/**
 * A compiled pattern. Each match may throw `adapter.config-invalid`: once the pattern has used up its time, and for a
 * name on whose letters it may mean something else in Python.
 */
export interface Pattern {
  /** `re.fullmatch`. */
  matchesWhole(name: string): boolean;
  /** `re.match`: from the start, not necessarily to the end. */
  matchesStart(name: string): boolean;
  /** Group `idx` of `re.match`; undefined if there is no match. */
  indexAtStart(name: string): string | undefined;
}

/** Undefined when the pattern needs look-around, back-references or anything else without a linear-time meaning. */
export function compilePattern(source: string): Pattern | undefined {
  if (source.length > MAXIMUM_PATTERN_LENGTH || DIFFERENT_IN_RE2.test(source)) return undefined;
  try {
    const compiled = RE2JS.compile(source.replaceAll("\\Z", "\\z"));
    const timed = withBudget(source);
    const isMatchable = nameCheck(source);
    return {
      matchesWhole: (name) => isMatchable(name) && timed(() => compiled.matcher(name).matches()),
      matchesStart: (name) => isMatchable(name) && timed(() => compiled.matcher(name).lookingAt()),
      indexAtStart: (name) => (isMatchable(name) ? timed(() => groupAtStart(compiled, name)) : undefined),
    };
  } catch {
    return undefined;
  }
}

const LOOK_AROUND = /\(\?(?:<?[=!]|P=|>|\()|\\[1-9]/u;

/** Why `compilePattern` gave nothing, to stand behind the pattern in a sentence. */
export function whyNotCompiled(source: string): string {
  if (source.length > MAXIMUM_PATTERN_LENGTH) return `is longer than ${MAXIMUM_PATTERN_LENGTH} characters`;
  if (LOOK_AROUND.test(source)) return "needs look-around or back-references, which are not evaluated";
  return isBroken(source) ? "is no valid regular expression, for peft neither" : "uses syntax that is not evaluated";
}

/** What JavaScript's lenient syntax cannot read, Python's does not read either. Compiled only, never matched. */
function isBroken(source: string): boolean {
  try {
    new RegExp(source.replaceAll("(?P<", "(?<").replace(/^\(\?[a-zA-Z]{1,8}\)/u, ""));
    return false;
  } catch {
    return true;
  }
}

/** Refuses the pattern once its matches together took longer than the budget. */
export function withBudget(source: string, budget = BUDGET_MILLISECONDS, now = () => performance.now()) {
  let spent = 0;
  return <T>(match: () => T): T => {
    if (spent > budget) {
      const message = `The pattern ${quote(source)} takes more than ${budget / 1000} s to match against the module names.`;
      throw new DeltaScopeError("adapter.config-invalid", message, "adapter_config.json");
    }
    const started = now();
    try {
      return match();
    } finally {
      spent += now() - started;
    }
  };
}

function groupAtStart(compiled: RE2JS, name: string): string | undefined {
  const matcher = compiled.matcher(name);
  return matcher.lookingAt() ? (matcher.group("idx") ?? undefined) : undefined;
}

/** Whether a name is short enough. A `$` stands in front of a last line break, too, but only in Python. */
function nameCheck(source: string): (name: string) => boolean {
  const isByLetters = BY_LETTERS.test(source);
  const hasEnd = source.includes("$");
  return (name) => {
    if ((isByLetters && OTHER_LETTERS.test(name)) || (hasEnd && name.includes("\n"))) {
      const message = `The pattern ${quote(source)} cannot be matched as Python does against the name ${quote(name)}.`;
      throw new DeltaScopeError("adapter.config-invalid", message, "adapter_config.json");
    }
    return name.length <= MAXIMUM_NAME_BYTES && Buffer.byteLength(name) <= MAXIMUM_NAME_BYTES;
  };
}
