/** The Hub's endpoints on the loopback: models from folders, large files from a second host, and faults on demand. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";

export interface ModelOptions {
  licence?: string;
  /** Files only with this token. */
  gated?: string;
  /** Nothing without this token. */
  private?: string;
  /** A branch, tag or pull request that names it too. */
  ref?: string;
}

export interface Seen {
  host: "hub" | "store";
  path: string;
  authorization: string | undefined;
  range: string | undefined;
}

/** What goes wrong with a request whose path contains `at`. */
export interface Fault {
  at: string;
  host?: "hub" | "store";
  /** How often; once by default. */
  times?: number;
  /** Answers this instead. */
  status?: number;
  headers?: Record<string, string>;
  /** Ends the connection after so many bytes of the body. */
  cutAfter?: number;
  /** Knows no ranges: the whole file with 200. */
  ignoreRange?: boolean;
  /** These bytes instead of the file's. */
  body?: Buffer;
  /** Laid over the headers of a good answer. */
  lie?: Record<string, string>;
  /** Sends this many bytes, then nothing more until the client goes away. */
  hangAfter?: number;
}

export interface HubServer {
  /** For `HF_ENDPOINT`. */
  endpoint: string;
  /** Where large files lie. */
  store: string;
  seen: Seen[];
  /** Requests for contents of files, by file name or hash. */
  loads(): Seen[];
  /** Puts the folder's files up as the newest commit, which is answered, of "owner/name" or "datasets/owner/name". */
  publish(name: string, folder: string, options?: ModelOptions): string;
  /** Whose token it is, as `whoami-v2` answers. */
  know(token: string, account: object): void;
  fail(fault: Fault): void;
  /** Answers every question about the old name with 307 to the new one, as after a renaming. */
  move(from: string, to: string): void;
  /** Takes back every fault. */
  mend(): void;
  close(): Promise<void>;
}

/** Before a connection is cut: a client drops what it has not read yet when its connection breaks. */
const CUT_MS = 30;

interface StoredFile {
  bytes: Buffer;
  sha256: string;
  git: string;
  large: boolean;
}

interface Model {
  options: ModelOptions;
  refs: Map<string, string>;
  main: string;
  commits: Map<string, Map<string, StoredFile>>;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** As `git hash-object` does. */
export function gitHash(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

export async function startHub(): Promise<HubServer> {
  const models = new Map<string, Model>();
  const moved = new Map<string, string>();
  const accounts = new Map<string, object>();
  const seen: Seen[] = [];
  let faults: Fault[] = [];
  const note = (host: Seen["host"], { url, headers }: IncomingMessage): Fault | undefined => {
    const path = decodeURIComponent(url ?? "");
    seen.push({ host, path, authorization: headers.authorization, range: headers.range });
    const fault = faults.find(
      ({ at, host: only, times = 1 }) => path.includes(at) && (only ?? host) === host && times > 0,
    );
    if (fault) fault.times = (fault.times ?? 1) - 1;
    return fault;
  };
  const store = await listen((request, response) => {
    const fault = note("store", request);
    const file = allFiles(models).find(({ sha256: hash }) => request.url === `/${hash}`);
    if (file === undefined) end(response, 404, {});
    else serveBytes(request, response, file.bytes, {}, fault);
  });
  const hub = await listen((request, response) => {
    const fault = note("hub", request);
    const [from, to] = [...moved].find(([name]) => request.url?.includes(`/${name}/`)) ?? [];
    if (from !== undefined && to !== undefined)
      return end(response, 307, { location: request.url?.replace(`/${from}/`, `/${to}/`) ?? "" });
    if (request.url === "/api/whoami-v2") return sayAccount(request, response, accounts, fault);
    answer(request, response, models, originOf(store), fault);
  });
  return {
    endpoint: originOf(hub),
    store: originOf(store),
    seen,
    loads: () => seen.filter(({ host, path }) => host === "store" || path.includes("/resolve/")),
    publish(name, folder, options = {}) {
      const files = readFolder(folder);
      const listing = [...files].map(([file, { git }]) => `${file} ${git}`).join("\n");
      const commit = createHash("sha1").update(name).update(listing).digest("hex");
      const commits = models.get(name)?.commits ?? new Map();
      const refs = models.get(name)?.refs ?? new Map();
      if (options.ref !== undefined) refs.set(options.ref, commit);
      const main = options.ref === undefined ? commit : (models.get(name)?.main ?? commit);
      models.set(name, { options, main, refs, commits: commits.set(commit, files) });
      return commit;
    },
    know: (token, account) => void accounts.set(token, account),
    move: (from, to) => void moved.set(from, to),
    fail: (fault) => void faults.push(fault),
    mend() {
      faults = [];
    },
    async close() {
      await Promise.all([shut(hub), shut(store)]);
    },
  };
}

function listen(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handler);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function readFolder(folder: string): Map<string, StoredFile> {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = relative(folder, path).replaceAll("\\", "/");
      const bytes = readFileSync(path);
      const large = /\.(safetensors|bin|parquet)$/.test(name);
      return [name, { bytes, sha256: sha256(bytes), git: gitHash(bytes), large }];
    }),
  );
}

function allFiles(models: ReadonlyMap<string, Model>): StoredFile[] {
  return [...models.values()].flatMap(({ commits }) => [...commits.values()].flatMap((files) => [...files.values()]));
}

/** The parts of an address: what is asked of which model at which revision. */
function readAddress(url: string): {
  name: string;
  revision: string;
  kind: "revision" | "tree" | "file";
  file: string;
} {
  const { pathname } = new URL(url, "http://hub");
  const api = /^\/api\/(models|datasets)\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(pathname);
  const [, type = "", id = "", kind = "", revision = ""] = api ?? [];
  const name = type === "datasets" ? `datasets/${id}` : id;
  if (api) return { name, revision: decodeURIComponent(revision), kind: kind as "revision" | "tree", file: "" };
  const [, model = "", commit = "", file = ""] =
    /^\/((?:datasets\/)?[^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
  return { name: model, revision: decodeURIComponent(commit), kind: "file", file: decodeURIComponent(file) };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  models: ReadonlyMap<string, Model>,
  store: string,
  fault: Fault | undefined,
): unknown {
  const { name, revision, kind, file } = readAddress(request.url ?? "");
  const model = models.get(name);
  const token = request.headers.authorization?.replace("Bearer ", "");
  if (fault?.status !== undefined) return end(response, fault.status, fault.headers ?? {});
  // The Hub does not tell a stranger which private models exist.
  if (!model || !mayPass(model.options.private, token)) return refuse(response, 401, "RepoNotFound");
  const commit = revision === "main" ? model.main : (model.refs.get(revision) ?? revision);
  const files = model.commits.get(commit);
  if (!files) return refuse(response, 404, "RevisionNotFound");
  if (kind !== "file") return json(response, kind === "tree" ? tree(files) : facts(name, commit, model), fault);
  if (!mayPass(model.options.gated, token)) return refuse(response, token ? 403 : 401, "GatedRepo");
  const stored = files.get(file);
  return stored
    ? serveFile(request, response, stored, { commit, store, fault })
    : refuse(response, 404, "EntryNotFound");
}

function sayAccount(
  request: IncomingMessage,
  response: ServerResponse,
  accounts: ReadonlyMap<string, object>,
  fault: Fault | undefined,
): unknown {
  if (fault?.status !== undefined) return end(response, fault.status, fault.headers ?? {});
  const account = accounts.get(request.headers.authorization?.replace("Bearer ", "") ?? "");
  return account ? json(response, account, fault) : refuse(response, 401, "");
}

function mayPass(wanted: string | undefined, token: string | undefined): boolean {
  return wanted === undefined || wanted === token;
}

function refuse(response: ServerResponse, status: number, reason: string): unknown {
  return end(response, status, { "x-error-code": reason });
}

/** Large files lie in the store. */
function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, git, sha256: hash, large }: StoredFile,
  { commit, store, fault }: { commit: string; store: string; fault: Fault | undefined },
): unknown {
  if (!large) return serveBytes(request, response, bytes, { etag: `"${git}"`, "x-repo-commit": commit }, fault);
  const said = { "x-linked-etag": `"${hash}"`, "x-repo-commit": commit, location: `${store}/${hash}` };
  return end(response, 302, { ...said, ...fault?.lie });
}

function facts(name: string, commit: string, { options }: Model): object {
  const shown = { _id: "1", id: name, private: false, downloads: 1, likes: 1, lastModified: "2026-01-01T00:00:00Z" };
  return { ...shown, sha: commit, gated: options.gated ? "auto" : false, cardData: { license: options.licence } };
}

function tree(files: ReadonlyMap<string, StoredFile>): object[] {
  const entries = [...files].map(([path, { bytes, sha256: oid, git, large }]) => ({
    ...{ type: "file", path, size: bytes.length, oid: git },
    ...(large ? { lfs: { oid, size: bytes.length, pointerSize: 130 } } : {}),
  }));
  return [{ type: "directory", path: "original", size: 0, oid: "0".repeat(40) }, ...entries];
}

function json(response: ServerResponse, value: object, fault: Fault | undefined): unknown {
  response.writeHead(200, { "content-type": "application/json", ...fault?.lie });
  return response.end(fault?.body ?? JSON.stringify(value));
}

function end(response: ServerResponse, status: number, headers: Record<string, string>): unknown {
  return response.writeHead(status, headers).end();
}

function serveBytes(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  headers: Record<string, string>,
  fault: Fault | undefined,
): unknown {
  if (fault?.status !== undefined) return end(response, fault.status, fault.headers ?? {});
  const bytes = fault?.body ?? content;
  const range = fault?.ignoreRange ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const from = Number(range?.[1] ?? 0);
  const to = Math.min(bytes.length, range?.[2] ? Number(range[2]) + 1 : bytes.length);
  if (from >= bytes.length && bytes.length > 0) return end(response, 416, {});
  const part = bytes.subarray(from, to);
  const place = range ? { "content-range": `bytes ${from}-${to - 1}/${bytes.length}` } : {};
  response.writeHead(range ? 206 : 200, { "content-length": String(part.length), ...place, ...headers, ...fault?.lie });
  if (fault?.hangAfter !== undefined) return response.write(part.subarray(0, fault.hangAfter));
  if (fault?.cutAfter === undefined) return response.end(part);
  return response.write(part.subarray(0, fault.cutAfter), () => setTimeout(() => response.destroy(), CUT_MS));
}
