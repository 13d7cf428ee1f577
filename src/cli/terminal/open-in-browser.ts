/** Opens an address in the user's browser. Without one nothing happens: the address is printed as well. */
import { spawn } from "node:child_process";

export function openInBrowser(address: string, environment: Readonly<Record<string, string | undefined>>): void {
  const opener = openerFor(process.platform, environment);
  if (!opener) return;
  const [program, ...words] = opener;
  const child = spawn(program, [...words, address], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}

type Words = readonly [string, ...string[]];

/** Without a display xdg-open would start a text browser in this very terminal. */
function openerFor(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
): Words | undefined {
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["cmd", "/c", "start", ""];
  return environment.DISPLAY || environment.WAYLAND_DISPLAY ? ["xdg-open"] : undefined;
}
