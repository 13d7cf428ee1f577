/** Ids of the Hugging Face Hub: `owner/name`, and a revision after `@`. A closed grammar, so that no id is a way out of a folder. */

/** `owner/name@revision` as typed. */
export interface HubId {
  repository: string;
  revision: string | undefined;
}

/** A repository of the Hub, and for a data set the file or folder in it; empty for all. */
export interface HubPlace extends HubId {
  type: "model" | "dataset";
  below: string;
}

const SCHEME = "hf://";
const DATASETS = "hf://datasets/";
/** The Hub allows at most 96 letters for owner and name; more is no id. */
export const ID_LETTERS_MAXIMUM = 200;

/** Whether the location says by itself that it is no path. */
export function isHubAddress(location: string): boolean {
  return location.startsWith(SCHEME);
}

/** Reads `hf://owner/name@revision`, `hf://name`, or `owner/name@revision`; undefined for what is no Hub id. */
export function parseHubId(location: string): HubId | undefined {
  const explicit = isHubAddress(location);
  const [repository = "", ...rest] = (explicit ? location.slice(SCHEME.length) : location).split("@");
  const parts = repository.split("/");
  const revision = rest.length === 0 ? undefined : rest.join("@");
  const fits = parts.length === 2 || (explicit && parts.length === 1);
  if (!fits || repository.length > ID_LETTERS_MAXIMUM || !isHubName(parts)) return undefined;
  if (revision !== undefined && !isRevision(revision)) return undefined;
  return { repository, revision };
}

/** Reads `hf://datasets/owner/name@revision/folder`, else a model's id. */
export function parseHubPlace(location: string): HubPlace | undefined {
  if (isDatasetAddress(location)) return parseDataset(location);
  const id = parseHubId(location);
  return id && { ...id, type: "model", below: "" };
}

/** Reads `hf://datasets/owner/name@revision/folder`, and `owner/name/folder` alike. */
export function parseDataset(location: string): HubPlace | undefined {
  const [owner = "", name = "", ...rest] = location.replace(DATASETS, "").split("/");
  const id = parseHubId(`${owner}/${[name, ...revisionParts(name, rest)].join("/")}`);
  const below = rest.slice(revisionParts(name, rest).length);
  const isPlain = below.every((part) => isPlainPart(part) && !/[\\\0]/.test(part));
  return id && isPlain ? { ...id, type: "dataset", below: below.join("/") } : undefined;
}

export function isDatasetAddress(location: string): boolean {
  return location.startsWith(DATASETS);
}

/** Of the revisions with slashes these are the Hub's own: `refs/pr/1`, and `refs/convert/parquet` which it makes itself. */
function revisionParts(name: string, rest: readonly string[]): readonly string[] {
  return name.endsWith("@refs") && ["pr", "convert"].includes(rest[0] ?? "") ? rest.slice(0, 2) : [];
}

/** Owner and name: no part may be taken for a folder above, nor the two for more than two in the cache. */
export function isHubName(parts: readonly string[]): boolean {
  return parts.every(isIdPart);
}

function isIdPart(part: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part) && !part.includes("..") && !part.includes("--");
}

/** Branch, tag, `refs/pr/1` or commit: no part may climb out of the cache. */
function isRevision(revision: string): boolean {
  return (
    revision.length <= ID_LETTERS_MAXIMUM &&
    /^[A-Za-z0-9._/-]+$/.test(revision) &&
    revision.split("/").every(isPlainPart)
  );
}

function isPlainPart(part: string): boolean {
  return part !== "" && !part.startsWith(".");
}
