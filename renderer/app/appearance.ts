/** Theme and density on :root; remembered in the browser, so that the next start shows them before the first paint. */
import { useSyncExternalStore } from "react";
import type { Settings } from "../../src/contract/domain/settings.ts";

export type ThemeChoice = Settings["theme"];
export type Theme = "light" | "dark";

const storageKey = "deltascope.theme";
const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let choice: ThemeChoice = remembered();

darkSystem.addEventListener("change", apply);

function remembered(): ThemeChoice {
  try {
    const stored = localStorage.getItem(storageKey);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

function remember(): void {
  try {
    localStorage.setItem(storageKey, choice);
  } catch {
    // Storage may be refused; the workspace keeps the choice as well.
  }
}

function resolved(): Theme {
  if (choice !== "system") return choice;
  return darkSystem.matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset.theme = resolved();
  for (const listener of listeners) listener();
}

export function chooseTheme(next: ThemeChoice): void {
  if (next === choice) return;
  choice = next;
  remember();
  apply();
}

export function chooseDensity(density: Settings["density"]): void {
  document.documentElement.dataset.density = density;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The theme that is shown. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, resolved);
}
