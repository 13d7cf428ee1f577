/** Which key runs a command now: the user's, or its first one. */
import { useSyncExternalStore } from "react";
import {
  type GivenKeys,
  type KeyCommandId,
  keyCommands,
  keyOfCommand,
} from "../../src/contract/domain/key-commands.ts";

let given: GivenKeys = {};
const listeners = new Set<() => void>();

/** The keys of the settings. */
export function setCommandKeys(keys: GivenKeys): void {
  given = keys;
  for (const listener of listeners) listener();
}

/** For a binding of `useKeys`: whatever key the command has when one is pressed answers. */
export function commandKey(command: KeyCommandId): { command: KeyCommandId; keys: string; does: string } {
  const { keys, does } = keyCommands[command];
  return { command, keys, does };
}

/** What is pressed for a binding. */
export function pressedFor({ command, keys }: { command?: KeyCommandId; keys: string }): string {
  return command ? keyOfCommand(given, command) : keys;
}

/** The user's keys, for a component that shows some. */
export function useCommandKeys(): GivenKeys {
  return useSyncExternalStore(subscribe, () => given);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
