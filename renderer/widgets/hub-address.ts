/** What people paste as the name of something on the Hugging Face Hub. */
import { parseHubPlace } from "../../src/contract/hub-id.ts";

const PAGES = "https://huggingface.co/";

/**
 * Ids, addresses with their scheme, and pages of the Hub: a repository's, one of its branches, its files. Undefined for
 * what is none of that kind.
 */
export function hubAddress(text: string, type: "model" | "dataset"): string | undefined {
  const plain = text.trim().startsWith(PAGES) ? idOfPage(text.trim().slice(PAGES.length)) : text.trim();
  const id = plain.replace(/^hf:\/\//, "");
  const address = `hf://${type === "dataset" && !id.startsWith("datasets/") ? "datasets/" : ""}${id}`;
  return id.includes("/") && parseHubPlace(address)?.type === type ? address : undefined;
}

/** From `owner/name/tree/v2`; the branch of a page comes with its slashes written as `%2F`. */
function idOfPage(page: string): string {
  const path = page.replace(/[?#].*$/, "");
  const [, type = "", id = "", kind, revision = ""] =
    /^(datasets\/)?([^/]+\/[^/]+)(?:\/(tree|blob)\/([^/]+).*)?\/?$/.exec(path) ?? [];
  return kind === undefined ? `${type}${id}` : `${type}${id}@${revision.replaceAll(/%2F/gi, "/")}`;
}
