/** deltascope:// links: an address of the app, from outside. */
import { linkScheme } from "../src/contract/desktop.ts";

/** Views that a link may open. */
const views: ReadonlySet<string> = new Set([
  "library",
  "compare",
  "inspector",
  "spectra",
  "forgetting",
  "training",
  "theory",
  "settings",
]);
/** Browsers and shells carry no longer addresses; eight run ids and all filters fit many times. */
const longestLink = 8192;

/** The address inside the app, like `/compare?runs=…`; undefined for anything that is not one of our links. */
export function addressOfLink(link: string): string | undefined {
  if (link.length > longestLink || !URL.canParse(link)) return undefined;
  const { protocol, host, pathname, search } = new URL(link);
  if (protocol !== `${linkScheme}:` || !views.has(host)) return undefined;
  return `/${host}${pathname}${search}`;
}

/** The first link among a command line's words, where Linux and Windows put it. */
export function addressInWords(words: readonly string[]): string | undefined {
  for (const word of words) {
    const address = addressOfLink(word);
    if (address) return address;
  }
  return undefined;
}
