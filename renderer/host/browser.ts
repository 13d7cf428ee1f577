/** The browser as host: downloads, no paths. */
import type { Host } from "./host.ts";

/** The browser reads a download from its address after the click; a minute is long enough for any size. */
const addressLifeMilliseconds = 60_000;

export function browserHost(): Host {
  return {
    kind: "browser",
    openFolders: () => undefined,
    pathsOf: () => undefined,
    save: download,
    print: () => window.print(),
    link: () => window.location.href,
  };
}

async function download(name: string, content: Blob): Promise<void> {
  const address = URL.createObjectURL(content);
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), addressLifeMilliseconds);
}
