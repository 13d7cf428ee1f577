/** The two names of a module: the canonical one, and the one it has inside the wrapped model, which patterns see. */
import { canonicalName } from "../checkpoint/canonical-name.ts";

/**
 * How the wrapped model names its modules, read off the adapter's keys:
 * `causal`: `model.layers…`; `bare`: `layers…` (embedding models); `nested`: `model.language_model.layers…`;
 * `nested-outside`: `language_model.model.layers…`.
 */
export type NamingStyle = "causal" | "bare" | "nested" | "nested-outside";

/** First parts of names in a model without the outer `model.`. */
const BARE_START = /^(?:layers|embed_tokens|norm)(?:\.|$)/u;

/** Style of the first module name that decides; `causal` where none does. */
export function namingStyle(names: Iterable<string>): NamingStyle {
  for (const name of names) {
    if (name.startsWith("model.language_model.") || name.startsWith("model.visual.")) return "nested";
    if (name.startsWith("language_model.")) return "nested-outside";
    if (isBareName(name)) return "bare";
  }
  return "causal";
}

/** Whether a name lacks the outer `model.`. */
export function isBareName(name: string): boolean {
  return BARE_START.test(name);
}

/** Canonical name of a module as the adapter's keys spell it. */
export function canonicalModuleName(name: string, style: NamingStyle): string {
  const end = ".weight";
  return canonicalName(name + end, style === "bare").slice(0, -end.length);
}

/** Name inside the wrapped model; undefined where that model has no such module (a head in a bare one). */
export function wrappedName(canonical: string, style: NamingStyle): string | undefined {
  const inside = canonical.startsWith("model.");
  if (style === "bare") return inside ? canonical.slice("model.".length) : undefined;
  if (style === "nested-outside") return canonical.startsWith("visual.") ? canonical : `language_model.${canonical}`;
  if (style === "nested" && inside) return `model.language_model.${canonical.slice("model.".length)}`;
  if (style === "nested" && canonical.startsWith("visual.")) return `model.${canonical}`;
  return canonical;
}
