/** One name for the same tensor, however its framework wrote it. */
import { inTurns, mapInTurns } from "../turns.ts";

/** What wrappers of DDP and torch.compile put in front of every name. */
const WRAPPERS = ["module.", "_orig_mod."];

/** Multimodal layouts: what stands in front of the language model and the vision tower. The first that fits counts. */
const LAYOUTS: readonly (readonly [string, string])[] = [
  ["model.language_model.", "model."],
  ["language_model.model.", "model."],
  ["language_model.lm_head.", "lm_head."],
  ["model.visual.", "visual."],
];

/** Embedding models are saved without the `model.` in front. */
const BARE = ["layers.", "embed_tokens.", "norm."];

/** Takes wrapper prefixes off, however often they are stacked. */
export function stripWrappers(stored: string): string {
  const wrapper = WRAPPERS.find((prefix) => stored.startsWith(prefix));
  return wrapper === undefined ? stored : stripWrappers(stored.slice(wrapper.length));
}

/** The canonical form of one name without wrappers; `bare` names get `model.` in front. */
export function canonicalName(name: string, bare = false): string {
  const layout = LAYOUTS.find(([prefix]) => name.startsWith(prefix));
  if (layout !== undefined) return layout[1] + name.slice(layout[0].length);
  return bare && BARE.some((prefix) => name.startsWith(prefix)) ? `model.${name}` : name;
}

/**
 * Canonical names of a whole checkpoint, by stored name. Where two stored names would become one, the later keeps
 * its stored name, so that nothing is lost and pairing shows it as extra.
 */
export async function canonicalNames(stored: readonly string[]): Promise<Map<string, string>> {
  const stripped = await mapInTurns(stored, stripWrappers);
  const bare = !stripped.some((name) => name.startsWith("model.") || name.startsWith("language_model."));
  const names = new Map<string, string>();
  const taken = new Set<string>(stored);
  for await (const part of inTurns(stored.entries())) {
    for (const [index, original] of part) {
      const name = canonicalName(stripped[index] as string, bare);
      names.set(original, taken.has(name) ? original : name);
      taken.add(name);
    }
  }
  return names;
}
