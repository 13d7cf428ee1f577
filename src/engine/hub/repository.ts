/** What a repository of the Hub is: its commit, terms and files. Asked once; everything after it names the commit. */
import { datasetInfo, listFiles, modelInfo } from "@huggingface/hub";
import { z } from "zod";
import type { HubPlace } from "../../contract/hub-id.ts";
import { parsedJson } from "../../contract/json.ts";
import type { CachedRepository } from "../source/hub-cache.ts";
import { isObject, own } from "../source/read-json.ts";
import type { HubAccess } from "./access.ts";
import { readStart } from "./body.ts";
import { HubError } from "./failure.ts";
import { ask } from "./request.ts";

/** A file of a data set, or one in the root of a model. */
export interface HubFile {
  /** With `/` between folders. */
  name: string;
  size: number;
  /** Name of its blob in the cache, and what its bytes hash to. */
  etag: string;
  /** Large files by the SHA-256 of their bytes, small ones as git does. */
  hash: "sha256" | "git";
}

export interface HubRepository {
  type: HubPlace["type"];
  /** "owner/name". */
  name: string;
  /** Branch or tag as asked for; undefined where a commit was. */
  asked: string | undefined;
  commit: string;
  licence: string | undefined;
  /** Only people who were given access may load its files. */
  gated: boolean;
  files: readonly HubFile[];
}

/** Answers about a repository are some kilobytes; a thousand files of one folder make 300. */
const ANSWER_BYTES_MAXIMUM = 16 * 2 ** 20;
/** The largest public models have about 200 files in their root; data sets of more are none to train on as a whole. */
const FILES_MAXIMUM = 10_000;
/** The Hub lists a thousand files a page; pages without files must end as well. */
const PAGES_MAXIMUM = 100;
/** The Hub takes files of up to 500 GB; larger ones no file system would hold, not even as a hole. */
const FILE_BYTES_MAXIMUM = 2 ** 42;
/** Longest name of a licence that is shown. */
const LICENCE_LETTERS_MAXIMUM = 100;
const COMMIT = /^[0-9a-f]{40}$/;

const entry = z.object({
  type: z.string(),
  path: z.string().min(1).max(1000),
  size: z.number().int().min(0).max(FILE_BYTES_MAXIMUM),
  oid: z.string().regex(COMMIT).optional(),
  lfs: z
    .object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().min(0).max(FILE_BYTES_MAXIMUM) })
    .optional(),
});

/**
 * Finds the commit that the revision names now (`main` without one), and lists its files: of a model those of its root.
 * @throws DeltaScopeError `hub.not-found`, `hub.unauthorised` and other `hub.*`
 */
export async function findRepository(
  access: HubAccess,
  id: Omit<HubPlace, "below">,
  signal: AbortSignal,
): Promise<HubRepository> {
  const revision = id.revision ?? "main";
  const what = id.revision === undefined ? id.repository : `${id.repository}@${id.revision}`;
  const hubUrl = access.endpoint;
  const fetch = hubFetch(access, what, signal, isObject);
  const additionalFields = ["sha", "cardData"] as ("sha" | "cardData")[];
  const asked = { hubUrl, fetch, name: id.repository, revision, additionalFields };
  const info = await (id.type === "dataset" ? datasetInfo(asked) : modelInfo(asked));
  const commit = commitOf(info, what);
  if (COMMIT.test(revision) && revision !== commit) throw invalid(what, "another commit than was asked for");
  return {
    type: id.type,
    name: id.repository,
    asked: COMMIT.test(revision) ? undefined : revision,
    commit,
    licence: licenceOf(info.cardData),
    gated: ["auto", "manual", true].includes(info.gated),
    files: await list(access, { type: id.type, name: id.repository }, commit, what, signal),
  };
}

/** Address of a file at the repository's commit. */
export function addressOf(access: HubAccess, { type, name, commit }: HubRepository, file: string): string {
  const path = file.split("/").map(encodeURIComponent).join("/");
  return `${access.endpoint}/${type === "dataset" ? "datasets/" : ""}${name}/resolve/${commit}/${path}`;
}

/** "owner/name@4f1c2d8", as messages call it. */
export function shortName({ name, commit }: HubRepository): string {
  return `${name}@${commit.slice(0, 7)}`;
}

/** A location that names exactly this state of the repository. */
export function pinnedAddress({ type, name, commit }: HubRepository): string {
  return `hf://${type === "dataset" ? "datasets/" : ""}${name}@${commit}`;
}

/**
 * Questions of the library go the same way as ours, and get whole answers of bounded size.
 * @param fits whether an answer is what the library takes it for without looking
 */
function hubFetch(
  access: HubAccess,
  what: string,
  signal: AbortSignal,
  fits: (value: unknown) => boolean,
): typeof fetch {
  let pages = 0;
  return async (input) => {
    const question = { address: String(input), what, headers: { accept: "application/json" } };
    // The address of a further page comes from the answer before.
    if (URL.parse(question.address)?.origin !== new URL(access.endpoint).origin)
      throw invalid(what, "with an address elsewhere");
    pages += 1;
    if (pages > PAGES_MAXIMUM) throw invalid(what, `more than ${PAGES_MAXIMUM} pages`);
    return ask(access, question, signal, async ({ response }) => {
      const bytes = await readStart(response, ANSWER_BYTES_MAXIMUM + 1, what);
      if (bytes.length > ANSWER_BYTES_MAXIMUM) throw invalid(what, "an endless answer");
      return new Response(jsonText(bytes, what, fits), { headers: response.headers });
    });
  };
}

function jsonText(bytes: Buffer, what: string, fits: (value: unknown) => boolean): string {
  const text = bytes.toString("utf8");
  if (fits(parsedJson(text))) return text;
  throw invalid(what, "something else than was asked for");
}

function invalid(what: string, found: string): HubError {
  return new HubError("hub.answer-invalid", `The Hub answered ${found} for ${what}.`, what);
}

function commitOf(info: unknown, what: string): string {
  const commit = isObject(info) ? own(info, "sha") : undefined;
  if (typeof commit === "string" && COMMIT.test(commit)) return commit;
  throw invalid(what, "without a commit");
}

/** Model cards name one licence or several, and say "other" where `license_name` tells more. */
function licenceOf(card: unknown): string | undefined {
  if (!isObject(card)) return undefined;
  const named = own(card, "license");
  const first = Array.isArray(named) ? named.filter((one) => typeof one === "string").join(", ") : named;
  const licence = first === "other" ? (own(card, "license_name") ?? first) : first;
  return typeof licence === "string" && licence !== "" ? licence.slice(0, LICENCE_LETTERS_MAXIMUM) : undefined;
}

async function list(
  access: HubAccess,
  repo: CachedRepository,
  commit: string,
  what: string,
  signal: AbortSignal,
): Promise<HubFile[]> {
  const files = new Map<string, HubFile>();
  let seen = 0;
  const asked = { hubUrl: access.endpoint, fetch: hubFetch(access, what, signal, Array.isArray) };
  const recursive = repo.type === "dataset";
  for await (const listed of listFiles({ ...asked, repo, revision: commit, recursive })) {
    seen += 1;
    if (seen > FILES_MAXIMUM) throw invalid(what, `more than ${FILES_MAXIMUM} files`);
    const file = fileOf(listed, what);
    if (file === undefined) continue;
    if (files.has(file.name)) throw invalid(what, "two files of one name");
    files.set(file.name, file);
  }
  return [...files.values()];
}

/** Undefined for folders, and for files whose name could lead out of a folder: none that is needed has one. */
function fileOf(listed: unknown, what: string): HubFile | undefined {
  const { data } = entry.safeParse(listed);
  if (data === undefined) throw invalid(what, "a list of files that cannot be read");
  if (data.type !== "file" || !isPlainPath(data.path)) return undefined;
  if (data.lfs !== undefined) return { name: data.path, size: data.lfs.size, etag: data.lfs.oid, hash: "sha256" };
  if (data.oid === undefined) throw invalid(what, "a file without a hash");
  return { name: data.path, size: data.size, etag: data.oid, hash: "git" };
}

/** What Windows takes for a device, whatever follows the dot. */
const DEVICE_NAME = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Folders deeper than that hold no data that people name. */
const DEPTH_MAXIMUM = 8;

function isPlainPath(path: string): boolean {
  const parts = path.split("/");
  return parts.length <= DEPTH_MAXIMUM && parts.every(isPlainName);
}

/** On every system: no separators, drives, devices or streams, no hidden names, nothing that a terminal would obey. */
function isPlainName(name: string): boolean {
  const isPlain = name.length <= 200 && /^[A-Za-z0-9_][A-Za-z0-9 ._+()-]*$/.test(name);
  return isPlain && !/[. ]$/.test(name) && !DEVICE_NAME.test(name);
}
