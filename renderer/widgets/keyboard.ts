/** The one registry of keys: views register theirs here, one listener answers, the help overlay lists them. */
import { useEffect, useRef } from "react";
import type { KeyCommandId } from "../../src/contract/domain/key-commands.ts";
import { pressedFor } from "./key-commands.ts";

export interface KeyBinding {
  /** "Ctrl+K", "Shift+ArrowUp", "J", "?", "[": modifiers in the order Ctrl, Shift; Ctrl is ⌘ on a Mac. */
  keys: string;
  /** Set where the user can choose the key; `keys` is then only the first one. */
  command?: KeyCommandId;
  /** What it does: "Next metric". */
  does: string;
  run: (event: KeyboardEvent) => unknown;
  /** Works inside text fields too; only for chords with Ctrl, function keys and Escape. */
  inInputs?: boolean;
  /** A single key that stays on when single keys are switched off (arrows, Escape, F6). */
  always?: boolean;
}

export interface KeyScope {
  /** "Heatmap", "Everywhere": headline in the help overlay. */
  name: string;
  bindings: readonly KeyBinding[];
}

let scopes: readonly KeyScope[] = [];
let singleKeys = true;

/** Later scopes win. Returns what takes the scope away again. */
export function registerKeys(scope: KeyScope): () => void {
  scopes = [...scopes, scope];
  return () => {
    scopes = scopes.filter((candidate) => candidate !== scope);
  };
}

/** The scopes that work right now, the outermost first. */
export function activeScopes(): readonly KeyScope[] {
  return scopes;
}

/** Keys without Ctrl can be switched off in the settings. */
export function setSingleKeys(on: boolean): void {
  singleKeys = on;
}

/** Runs the binding of an event, if one works here; true when it was answered. */
export function answerKey(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing) return false;
  const pressed = keyName(event);
  const inInput = isInput(event.target);
  for (const scope of scopes.toReversed()) {
    const binding = scope.bindings.find((candidate) => pressedFor(candidate).toLowerCase() === pressed.toLowerCase());
    if (!binding || !works(binding, inInput)) continue;
    if (binding.run(event) === false) continue;
    event.preventDefault();
    return true;
  }
  return false;
}

function works(binding: KeyBinding, inInput: boolean): boolean {
  if (inInput && !binding.inInputs) return false;
  return singleKeys || binding.always === true || /^(Ctrl\+|F\d|Esc)/.test(binding.keys);
}

/** "Ctrl+K", "Shift+ArrowUp"; Shift is left out where it already shows in the character ("?"). */
export function keyName(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">): string {
  const key = event.key === " " ? "Space" : event.key === "Escape" ? "Esc" : event.key;
  const printed = key.length === 1 && !/[a-z]/i.test(key);
  const modifiers = [
    event.ctrlKey || event.metaKey ? "Ctrl" : "",
    event.altKey ? "Alt" : "",
    event.shiftKey && !printed ? "Shift" : "",
  ];
  return [...modifiers.filter(Boolean), key].join("+");
}

/** Where typing goes into a field. */
function isInput(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !/^(checkbox|radio|button|range|color)$/.test(target.type);
}

/** Registers keys while the component is shown; bindings may change on every render. */
export function useKeys(name: string, bindings: readonly KeyBinding[], enabled = true): void {
  const newest = useRef(bindings);
  newest.current = bindings;
  const shape = bindings.map((binding) => binding.keys).join(" ");
  // Registered anew only when the keys change; `run` is read late.
  useEffect(() => {
    if (!enabled) return undefined;
    const late = newest.current.map((binding, index) => ({
      ...binding,
      run: (event: KeyboardEvent) => newest.current[index]?.run(event),
    }));
    return registerKeys({ name, bindings: late });
  }, [name, shape, enabled]);
}
