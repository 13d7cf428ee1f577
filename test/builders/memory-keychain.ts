/** A keychain that lasts as long as its test, and one that cannot be used. */
import { DeltaScopeError } from "../../src/contract/errors.ts";
import type { Keychain } from "../../src/engine/hub/keychain.ts";

export interface MemoryKeychain extends Keychain {
  /** Endpoint → token. */
  kept: Map<string, string>;
}

export function memoryKeychain(first: Readonly<Record<string, string>> = {}): MemoryKeychain {
  const kept = new Map(Object.entries(first));
  return {
    kept,
    read: async (endpoint) => kept.get(endpoint),
    write: async (endpoint, token) => void kept.set(endpoint, token),
    remove: async (endpoint) => kept.delete(endpoint),
  };
}

const refuse = async (): Promise<never> => {
  throw new DeltaScopeError("hub.keychain", "The keychain of this system cannot be used: no service.");
};

export const noKeychain: Keychain = { read: refuse, write: refuse, remove: refuse };
