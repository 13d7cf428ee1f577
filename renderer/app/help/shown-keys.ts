/** How keys of the registry are drawn. */

const shown: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

/** "Shift+ArrowUp" as the caps "Shift", "↑". */
export function shownKeys(keys: string): string[] {
  const parts = keys === "+" ? ["+"] : keys.split("+");
  return parts.map((part) => shown[part] ?? part);
}
