/** Which modules a configuration targets; every rule is peft's, oddities included. */
import { invalidConfig, type LoraConfig, showValue } from "./config.ts";
import { compilePattern, type Pattern } from "./pattern.ts";

/** What peft targets when `target_modules` is null, by model_type. */
const DEFAULT_TARGETS: ReadonlyMap<string, readonly string[]> = new Map([
  ...["qwen2", "qwen3", "llama", "mistral", "mixtral", "gemma", "gemma2", "gemma3_text", "stablelm"].map(
    (type): [string, readonly string[]] => [type, ["q_proj", "v_proj"]],
  ),
  ["phi", ["q_proj", "v_proj", "fc1", "fc2"]],
]);

/** A module as the rules see it. */
export interface TargetCandidate {
  /** Name in the wrapped model. */
  wrapped: string;
  kind: "linear" | "embedding" | "other";
  /** Whether this is the output head, which `all-linear` leaves out. */
  isHead: boolean;
}

export interface Targeting {
  /** Whether the module is wrapped because of `target_modules`. */
  isTarget(candidate: TargetCandidate): boolean;
  /** Whether a parameter (`….mlp.down_proj.weight`, `….experts.gate_up_proj`) is adapted because of `target_parameters`. */
  isTargetParameter(parameter: string): boolean;
  /** Patterns without a linear-time meaning: whatever has factors counts as targeted. */
  unsupported: string[];
}

/** Compiles the rules once; matching one name is linear in its length. */
export function makeTargeting(config: LoraConfig, modelType: string | undefined): Targeting {
  const unsupported: string[] = [];
  const compile = (source: string) => compileOrNote(source, unsupported);
  const excluded = excludeRule(config.exclude_modules, compile);
  const saved = savedRule(config.modules_to_save, compile);
  const included = includeRule(config, modelType, compile);
  const parameters = new Set(config.target_parameters ?? []);
  return {
    isTarget: (candidate) => {
      if (unsupported.length > 0) return true;
      return !excluded(candidate.wrapped) && !saved(candidate.wrapped) && included(candidate);
    },
    isTargetParameter: (parameter) => endsWithEntry(parameter, parameters),
    unsupported,
  };
}

/** Whether a name equals an entry or ends with `.` and an entry; one look-up per dot, however long the list is. */
export function endsWithEntry(name: string, entries: ReadonlySet<string>): boolean {
  if (entries.has(name)) return true;
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
    if (entries.has(name.slice(dot + 1))) return true;
  }
  return false;
}

type Rule = (name: string) => boolean;
type Compile = (source: string) => Pattern | undefined;

function compileOrNote(source: string, unsupported: string[]): Pattern | undefined {
  const pattern = compilePattern(source);
  if (pattern === undefined) unsupported.push(source);
  return pattern;
}

function excludeRule(excluded: string | string[] | undefined, compile: Compile): Rule {
  if (excluded === undefined || excluded.length === 0) return () => false;
  if (typeof excluded !== "string") {
    const entries = new Set(excluded);
    return (name) => endsWithEntry(name, entries);
  }
  const pattern = compile(excluded);
  return (name) => pattern?.matchesWhole(name) ?? false;
}

/** Entries of `modules_to_save` are not escaped, and everything inside such a module is left alone too. */
function savedRule(saved: string[] | undefined, compile: Compile): Rule {
  const patterns = (saved ?? []).map((entry) => compile(`(^|.*\\.)${entry}($|\\..*)`));
  return (name) => patterns.some((pattern) => pattern?.matchesStart(name) ?? false);
}

function includeRule(
  config: LoraConfig,
  modelType: string | undefined,
  compile: Compile,
): (c: TargetCandidate) => boolean {
  const targets = config.target_modules ?? defaultTargets(config, modelType);
  if (typeof targets !== "string") {
    const entries = new Set(targets);
    const inLayers = layerRule(config, compile);
    return ({ wrapped }) => entries.has(wrapped) || (endsWithEntry(wrapped, entries) && inLayers(wrapped));
  }
  if (targets.toLowerCase() === "all-linear") return ({ kind, isHead }) => kind === "linear" && !isHead;
  const pattern = compile(targets);
  return ({ wrapped }) => pattern?.matchesWhole(wrapped) ?? false;
}

function defaultTargets(config: LoraConfig, modelType: string | undefined): readonly string[] {
  const targets = DEFAULT_TARGETS.get(modelType ?? "");
  if (targets !== undefined) return targets;
  if (config.target_parameters !== undefined && config.target_parameters.length > 0) return [];
  throw invalidConfig(
    `\`target_modules\` is missing, and peft has no default for the model type ${showValue(modelType)}.`,
  );
}

function layerRule(config: LoraConfig, compile: Compile): Rule {
  const { layers_to_transform: layers, layers_pattern: pattern } = config;
  if (layers === undefined) return () => true;
  const wanted = new Set(layers);
  const places = (typeof pattern === "string" ? [pattern] : (pattern ?? [])).filter((place) => place !== "");
  const compiled = places.map((place) => compile(`(?:^|.*?\\.)${place}\\.(?P<idx>\\d+)\\.`));
  return (name) => {
    const index = compiled.length === 0 ? firstNumberedPart(name) : firstIndex(compiled, name);
    return index !== undefined && wanted.has(Number(index));
  };
}

function firstIndex(patterns: (Pattern | undefined)[], name: string): string | undefined {
  for (const pattern of patterns) {
    const index = pattern?.indexAtStart(name);
    if (index !== undefined) return index;
  }
  return undefined;
}

/** Group 1 of `.*?\.[^.]*\.(\d+)\.`: the first number with two parts before it and one after it. */
function firstNumberedPart(name: string): string | undefined {
  const parts = name.split(".");
  return parts.find((part, i) => i >= 2 && i < parts.length - 1 && /^\d+$/u.test(part));
}
