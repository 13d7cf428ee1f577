/**
 * A folder that looks like a repository to whatever opens it, with configurations and headers in place and holes where
 * the weights would be. So one reader, with all its checks, serves files that are here and files that are not.
 */
import { mkdtemp, open, realpath, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsedJson } from "../../contract/json.ts";
import { outputError } from "../source/file-errors.ts";
import type { JsonObject } from "../source/read-json.ts";
import { CONFIG_BYTES_MAXIMUM, INDEX_BYTES_MAXIMUM, isObject } from "../source/read-json.ts";
import type { HubAccess } from "./access.ts";
import { eachOf } from "./each.ts";
import { HubError } from "./failure.ts";
import { decidingIndex, isConfiguration, isWeights, neededFiles, twinsIn } from "./needed-files.ts";
import { readRange, readWhole } from "./read-file.ts";
import { type HubFile, type HubRepository, shortName } from "./repository.ts";

export interface StandIn {
  folder: string;
  /** Files that opening the real thing would read. */
  needed: readonly HubFile[];
}

/** Headers of 7B shards have some 30 kB: one request is enough for nearly all. */
const FIRST_BYTES = 128 * 1024;
const LENGTH_FIELD = 8;
/** The format's own limit. */
const HEADER_BYTES_MAXIMUM = 100_000_000;
/** Files read at a time: enough to hide the way to the Hub, few enough to be a polite guest. */
const FILES_AT_ONCE = 8;
/** Weights whose headers are read: the largest public models have 200 shards. */
const SHARDS_MAXIMUM = 2_000;

/**
 * Makes the folder for as long as `work` takes.
 * @throws DeltaScopeError `hub.*`, `output.unwritable` where holes cannot be made, and what `work` throws
 */
export async function withStandIn<Result>(
  access: HubAccess,
  repository: HubRepository,
  signal: AbortSignal,
  work: (standIn: StandIn) => Promise<Result>,
): Promise<Result> {
  // Errors name the real path, and must be known as ours: macOS reaches its temporary folder by a link.
  const folder = await realpath(await mkdtemp(join(tmpdir(), "deltascope-hub-")));
  try {
    const needed = await fill(folder, access, repository, signal).catch((thrown: unknown) => {
      throw outputError(thrown, folder);
    });
    return await work({ folder, needed });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The files that a download needs, the deciding index looked into. @throws DeltaScopeError `hub.*` */
export async function findNeeded(
  access: HubAccess,
  repository: HubRepository,
  signal: AbortSignal,
): Promise<HubFile[]> {
  const index = decidingIndex(repository.files);
  const content = index && (await readConfiguration(access, repository, index, signal));
  return withoutTwins(repository, neededFiles(repository.files, content && parsed(content)));
}

/** Files by their names. @throws DeltaScopeError `hub.not-found` naming one that the repository lacks */
export function namedFiles(repository: HubRepository, names: ReadonlySet<string>): HubFile[] {
  const found = repository.files.filter(({ name }) => names.has(name));
  const missing = [...names].find((name) => !found.some((file) => file.name === name));
  if (missing === undefined) return withoutTwins(repository, found);
  const what = shortName(repository);
  throw new HubError("hub.not-found", `The Hub has no file ${JSON.stringify(missing.slice(0, 200))} in ${what}.`, what);
}

function withoutTwins(repository: HubRepository, needed: HubFile[]): HubFile[] {
  const twins = twinsIn(needed);
  if (twins === undefined) return needed;
  const what = shortName(repository);
  throw new HubError("hub.answer-invalid", `${what} has ${twins.join(" and ")}, one file for many systems.`, what);
}

async function fill(
  folder: string,
  access: HubAccess,
  repository: HubRepository,
  signal: AbortSignal,
): Promise<HubFile[]> {
  const needed = await findNeeded(access, repository, signal);
  const weights = needed.filter(({ name }) => isWeights(name)).length;
  if (weights > SHARDS_MAXIMUM) throw tooMany(repository, weights);
  // Weights that are not needed will not be there after a download either.
  const shown = repository.files.filter((file) => needed.includes(file) || isShown(file, needed));
  await eachOf(shown, FILES_AT_ONCE, signal, async (file, stop) => {
    const path = join(folder, file.name);
    if (isConfiguration(file.name)) await writeFile(path, await readConfiguration(access, repository, file, stop));
    else if (isWeights(file.name)) await writeHeader(path, await readHeader(access, repository, file, stop), file.size);
    else await writeFile(path, "");
  });
  return needed;
}

/** Files whose name alone tells something, such as pickles; none may come to lie over one that is read. */
function isShown(file: HubFile, needed: readonly HubFile[]): boolean {
  return !isWeights(file.name) && twinsIn([...needed, file]) === undefined;
}

async function readConfiguration(
  access: HubAccess,
  repository: HubRepository,
  file: HubFile,
  signal: AbortSignal,
): Promise<Buffer> {
  const limit = file.name.endsWith(".index.json") ? INDEX_BYTES_MAXIMUM : CONFIG_BYTES_MAXIMUM;
  if (file.size <= limit) return readWhole(access, repository, file, signal);
  const what = `${file.name} of ${shortName(repository)}`;
  throw new HubError("json.invalid", `${what} has ${file.size} bytes, more than the limit of ${limit}.`, what);
}

/** Undefined for what is none: opening it says so, with its place. */
function parsed(bytes: Buffer): JsonObject | undefined {
  const value = parsedJson(bytes.toString("utf8"));
  return isObject(value) ? value : undefined;
}

/** Length field and header, as far as there are any; the reader of headers says what is wrong with them. */
async function readHeader(
  access: HubAccess,
  repository: HubRepository,
  file: HubFile,
  signal: AbortSignal,
): Promise<Buffer> {
  if (file.size === 0) return Buffer.alloc(0);
  const start = await readRange(access, repository, file, [0, Math.min(file.size, FIRST_BYTES)], signal);
  if (start.length < LENGTH_FIELD) return start;
  const length = start.readBigUInt64LE(0);
  const end = Math.min(file.size, LENGTH_FIELD + Number(length > HEADER_BYTES_MAXIMUM ? 0n : length));
  if (end <= start.length) return start.subarray(0, Math.max(end, LENGTH_FIELD));
  const rest = await readRange(access, repository, file, [start.length, end], signal);
  return Buffer.concat([start, rest]);
}

async function writeHeader(path: string, header: Buffer, size: number): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(header);
  } finally {
    await file.close();
  }
  await truncate(path, size);
}

function tooMany(repository: HubRepository, count: number): HubError {
  const what = shortName(repository);
  return new HubError(
    "hub.answer-invalid",
    `${what} has ${count} files of weights, more than ${SHARDS_MAXIMUM}.`,
    what,
  );
}
