/** A part on disk: its Parquet files, then `part.json`, whose presence says that the part is whole. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type PartManifest, partManifest } from "../../contract/domain/part.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { documentPieces } from "../../contract/json.ts";
import { analysisId } from "../analysis/question.ts";
import { writeFileAtomically } from "../report/write-file.ts";
import { outputError, systemCode } from "../source/file-errors.ts";
import { readJson } from "../source/read-json.ts";
import type { SourceFile } from "../source/source.ts";
import { PART_FILES } from "../store/part-tables.ts";
import { measuresVersion } from "../version.ts";
import { questionHash } from "./question.ts";

export const MANIFEST_NAME = "part.json";

/** A mixture with 40,000 experts writes about 4 MB for each run. */
const MANIFEST_BYTES_MAXIMUM = 64 * 2 ** 20;

/** Read from disk, every check passed. */
export interface Part {
  /** As named. */
  path: string;
  /** Absolute path, links resolved. */
  folder: string;
  manifest: PartManifest;
}

/** Makes the folder. @throws DeltaScopeError `output.unwritable` */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((thrown: unknown) => Promise.reject(outputError(thrown, folder)));
}

/** While its files are written again the part is not whole. */
export async function removeManifest(folder: string): Promise<void> {
  await rm(join(folder, MANIFEST_NAME), { force: true });
}

/**
 * Replaces an older part of the same shard; the files are there already. @throws DeltaScopeError `output.unwritable`
 */
export async function writeManifest(folder: string, manifest: PartManifest): Promise<void> {
  await writeFileAtomically(join(folder, MANIFEST_NAME), documentPieces(manifest), true);
}

/** Rows are counted by whoever wrote them. */
export async function describeFiles(folder: string, rows: Record<keyof typeof PART_FILES, number>) {
  const describeOne = async (name: keyof typeof PART_FILES) => {
    const file = join(folder, PART_FILES[name]);
    return { rows: rows[name], bytes: (await lstat(file)).size, sha256: await sha256Of(file) };
  };
  const [modules, vectors, overlaps] = await Promise.all([
    describeOne("modules"),
    describeOne("vectors"),
    describeOne("overlaps"),
  ]);
  return { modules, vectors, overlaps };
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest("hex");
}

/**
 * The part in a folder: manifest and files agree, and it is of this version.
 * @throws DeltaScopeError `source.not-found`, `part.unfinished`, `part.version`, `part.invalid`
 */
export async function openPart(path: string): Promise<Part> {
  const folder = await realpath(path).catch((thrown: unknown) => {
    throw new DeltaScopeError("source.not-found", `${path} does not exist.`, path, { cause: thrown });
  });
  const manifest = await readManifest(folder, path);
  await checkFiles(folder, path, manifest);
  return { path, folder, manifest };
}

/** The manifest alone, checked. Throws as `openPart`. */
export async function readManifest(folder: string, path: string): Promise<PartManifest> {
  const file = await regularFile(folder, MANIFEST_NAME, path);
  if (file === undefined) {
    throw new DeltaScopeError(
      "part.unfinished",
      `${path} holds no ${MANIFEST_NAME}: its shard has not finished.`,
      path,
    );
  }
  const value = await readJson(file, { bytes: MANIFEST_BYTES_MAXIMUM, code: "part.invalid" });
  refuseOtherVersions(value, path);
  const parsed = partManifest.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(path, `${MANIFEST_NAME}: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  checkQuestion(parsed.data, path);
  return parsed.data;
}

const versions = z.object({ schema: z.string(), measures: z.number().optional(), version: z.string().optional() });

/** Before anything else is looked at: other versions may have other fields. */
function refuseOtherVersions(value: unknown, path: string): void {
  const { data } = versions.safeParse(value);
  const numbered = /^deltascope\.part\/(\d{1,9})$/.exec(data?.schema ?? "");
  if (!(data && numbered)) throw invalid(path, `${MANIFEST_NAME} is no part of an analysis`);
  if (data.schema === partManifest.shape.schema.value && data.measures === measuresVersion) return;
  const told = `${path} was written by version ${data.version ?? "?"} (${data.schema}, measures ${data.measures ?? "?"})`;
  const own = `${partManifest.shape.schema.value}, measures ${measuresVersion}`;
  throw new DeltaScopeError("part.version", `${told}; this program reads ${own}.`, path);
}

/** Hashes and lists of a manifest say the same, so that no part can pass for the answer to another question. */
function checkQuestion({ base, settings, runs, shard, question }: PartManifest, path: string): void {
  for (const run of runs) {
    if (run.analysis !== analysisId(base.fingerprint, run.fingerprint, settings)) {
      throw invalid(path, `the hash of ${run.label} does not belong to its fingerprints and settings`);
    }
    checkList(run.modules, run.moduleShards, shard.count, path);
    checkList(run.vectors, run.vectorShards, shard.count, path);
  }
  if (question !== questionHash(runs)) throw invalid(path, "its question does not belong to its runs");
}

function checkList(names: readonly string[], shards: readonly number[], count: number, path: string): void {
  if (names.length !== shards.length) throw invalid(path, "a module has no shard");
  if (new Set(names).size !== names.length) throw invalid(path, "a module is listed twice");
  if (shards.some((one) => one > count)) throw invalid(path, "a shard is above the count");
}

async function checkFiles(folder: string, path: string, { files }: PartManifest): Promise<void> {
  for (const [key, expected] of Object.entries(files)) {
    const name = PART_FILES[key as keyof typeof PART_FILES];
    const file = await regularFile(folder, name, path);
    if (file === undefined) throw invalid(path, `${name} is missing`);
    if (file.size !== expected.bytes) {
      throw invalid(path, `${name} has ${file.size} bytes where ${expected.bytes} are promised`);
    }
    if ((await sha256Of(file.path)) !== expected.sha256)
      throw invalid(path, `${name} is not the file that was written`);
  }
}

/** A link could lead out of the folder; a pipe would never end. Undefined where nothing of that name is. */
async function regularFile(folder: string, name: string, path: string): Promise<SourceFile | undefined> {
  const file = join(folder, name);
  const found = await lstat(file, { bigint: true }).catch((thrown: unknown) => {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(thrown) ?? "")) return undefined;
    throw new DeltaScopeError("source.unreadable", `${file} cannot be read (${systemCode(thrown)}).`, path);
  });
  if (found === undefined) return undefined;
  if (!found.isFile()) throw invalid(path, `${name} is no regular file`);
  return { name, path: file, size: Number(found.size), mtimeNs: found.mtimeNs };
}

/** The sentence names the part; `what` follows its name. */
export function invalid(path: string, what: string): DeltaScopeError {
  return new DeltaScopeError("part.invalid", `${path}: ${what}.`, path);
}
