/** Where each view stood last, so that going there again continues; addresses hold everything that is selected. */

const lastByView = new Map<string, string>();

export function rememberAddress(path: string, href: string): void {
  const view = `/${path.split("/")[1] ?? ""}`;
  if (view !== "/inspector" || path.split("/").length > 2) lastByView.set(view, href);
}

export function lastAddress(view: string): string | undefined {
  return lastByView.get(view);
}

export function lastInspected(): string | undefined {
  return lastByView.get("/inspector");
}
