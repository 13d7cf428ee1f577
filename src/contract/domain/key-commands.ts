/** The commands that a single key runs, and which key the user gave them. */
import { z } from "zod";

export interface KeyCommand {
  /** Where it works; the view's name, or "Everywhere". */
  scope: string;
  /** What it does: "Next metric". */
  does: string;
  /** Its key until the user gives it another one. */
  keys: string;
}

const everywhere = "Everywhere";

/** Chords, arrows, named keys and the digits of the views stay what they are, and are not here. */
export const keyCommands = {
  help: { scope: everywhere, does: "Keys and glossary", keys: "?" },
  filter: { scope: everywhere, does: "Filter", keys: "/" },
  "library.next": { scope: "Library", does: "Next row", keys: "J" },
  "library.previous": { scope: "Library", does: "Previous row", keys: "K" },
  "library.add": { scope: "Library", does: "Add a folder", keys: "A" },
  "heatmap.data": { scope: "Heatmap", does: "Data table", keys: "D" },
  "heatmap.brush": { scope: "Heatmap", does: "Brush this layer", keys: "B" },
  "heatmap.from-back": { scope: "Heatmap", does: "First brushed layer back", keys: "[" },
  "heatmap.to-on": { scope: "Heatmap", does: "Last brushed layer on", keys: "]" },
  "heatmap.from-on": { scope: "Heatmap", does: "First brushed layer on", keys: "{" },
  "heatmap.to-back": { scope: "Heatmap", does: "Last brushed layer back", keys: "}" },
  "heatmap.metric": { scope: "Heatmap", does: "Next metric", keys: "M" },
  "heatmap.marks": { scope: "Heatmap", does: "Intruder marks", keys: "I" },
  "heatmap.table": { scope: "Heatmap", does: "Table", keys: "T" },
  "table.next": { scope: "Table", does: "Next row", keys: "J" },
  "table.previous": { scope: "Table", does: "Row before", keys: "K" },
  "table.heatmap": { scope: "Table", does: "Heatmap", keys: "T" },
  "inspector.next": { scope: "Inspector", does: "Next module with intruders", keys: "J" },
  "inspector.previous": { scope: "Inspector", does: "Previous module with intruders", keys: "K" },
  "inspector.run": { scope: "Inspector", does: "Same module in the next run", keys: "R" },
  "inspector.lambda": { scope: "Inspector", does: "Go to λ", keys: "L" },
  "forgetting.next": { scope: "Forgetting", does: "Next flip", keys: "J" },
  "forgetting.previous": { scope: "Forgetting", does: "Previous flip", keys: "K" },
  "forgetting.turn": { scope: "Forgetting", does: "Lost or gained flips", keys: "G" },
  "forgetting.evaluate": { scope: "Forgetting", does: "Evaluate", keys: "E" },
} as const satisfies Record<string, KeyCommand>;

export type KeyCommandId = keyof typeof keyCommands;
export const keyCommandIds = Object.keys(keyCommands) as KeyCommandId[];

/** What the user chose; a command that is not in it has its first key. */
export type GivenKeys = Partial<Record<KeyCommandId, string>>;

/** One character that shows; the digits open the views. */
const commandKey = z.string().regex(/^[^\s\p{C}\p{M}\d]$/u);

export function isCommandKey(key: string): boolean {
  return commandKey.safeParse(key).success;
}

export function keyOfCommand(given: GivenKeys, command: KeyCommandId): string {
  return given[command] ?? keyCommands[command].keys;
}

/** The command that has a key already where this one works; capital letters are the same keys as small ones. */
export function keyClash(given: GivenKeys, command: KeyCommandId, key: string): KeyCommandId | undefined {
  const { scope } = keyCommands[command];
  return keyCommandIds.find((other) => {
    if (other === command || keyOfCommand(given, other).toLowerCase() !== key.toLowerCase()) return false;
    const second: string = keyCommands[other].scope;
    return second === scope || second === everywhere || scope === everywhere;
  });
}

export const givenKeys = z
  .partialRecord(z.enum(keyCommandIds), commandKey)
  .refine((given) => keyCommandIds.every((command) => !keyClash(given, command, keyOfCommand(given, command))), {
    message: "Two commands of one place have the same key.",
  });
