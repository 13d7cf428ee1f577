/** What was chosen lately, newest first; for this browser only. */

const storageKey = "deltascope.recent";
const mostKept = 20;

export function recentChoices(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "[]");
    return Array.isArray(stored) ? stored.filter((id) => typeof id === "string").slice(0, mostKept) : [];
  } catch {
    return [];
  }
}

export function rememberChoice(id: string): void {
  const kept = [id, ...recentChoices().filter((other) => other !== id)].slice(0, mostKept);
  try {
    localStorage.setItem(storageKey, JSON.stringify(kept));
  } catch {
    // Storage may be refused; then nothing is recent.
  }
}
