/** The rows of a part, checked: each fits the contract and belongs to the part's shard. */
import { join } from "node:path";
import type { PartManifest } from "../../contract/domain/part.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import {
  MODULE_TABLE,
  OVERLAP_TABLE,
  type OverlapRow,
  PART_FILES,
  readPartFile,
  VECTOR_TABLE,
} from "../store/part-tables.ts";
import type { ModuleRow, VectorRow } from "../store/types.ts";
import { invalid, type Part } from "./part-folder.ts";

/** The spectrum of a matrix with 100,000 rows and columns has 0.8 MB, the vectors of both sides at k = 256 as much. */
const ROW_BYTES_MAXIMUM = 8 * 2 ** 20;

type Take<T> = (rows: T[]) => Promise<void> | void;

interface Readers {
  modules: Take<ModuleRow>;
  vectors: Take<VectorRow>;
  overlaps: Take<OverlapRow>;
}

/** Hands all rows on in small heaps. @throws DeltaScopeError `part.invalid`, and what a reader throws */
export async function readRows(part: Part, readers: Readers): Promise<void> {
  const { modules, vectors, overlaps } = PART_FILES;
  const { files } = part.manifest;
  const limits = ({ rows }: { rows: number }) => ({ rows, rowBytes: ROW_BYTES_MAXIMUM });
  const fileAt = (name: string) => join(part.folder, name);
  await reading(part, modules, readPartFile(fileAt(modules), MODULE_TABLE, limits(files.modules), readers.modules));
  await reading(part, vectors, readPartFile(fileAt(vectors), VECTOR_TABLE, limits(files.vectors), readers.vectors));
  const overlapLimits = limits(files.overlaps);
  await reading(part, overlaps, readPartFile(fileAt(overlaps), OVERLAP_TABLE, overlapLimits, readers.overlaps));
}

/** What a file holds is its part's fault; what a reader throws, such as a full disk, is not. */
async function reading(part: Part, name: string, done: Promise<void>): Promise<void> {
  await done.catch((thrown: unknown) => {
    if (thrown instanceof DeltaScopeError) throw thrown;
    throw invalid(part.path, `${name}: ${firstLine(toDeltaScopeError(thrown).message)}`);
  });
}

/** DuckDB adds hints for people who write SQL. */
function firstLine(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/\.$/, "");
}

/**
 * Looks at every row before any is believed. @throws DeltaScopeError `part.invalid`
 */
export async function checkRows(part: Part): Promise<void> {
  const expected = expectedRows(part.manifest);
  refuseMore(part, expected);
  const once = createOnce(part);
  await readRows(part, {
    modules: (rows) => {
      for (const { analysis, module } of rows) once(expected.modules, "modules", analysis, module.name);
    },
    vectors: (rows) => {
      for (const { analysis, vector } of rows) once(expected.vectors, "vectors", analysis, vector.name);
    },
    overlaps: (rows) => {
      for (const { first, second, module } of rows) {
        const known = [first, second].every((analysis) => expected.modules.get(analysis)?.has(module.name));
        if (!known) throw invalid(part.path, `overlaps.parquet speaks of ${module.name}, which is not of its shard`);
      }
    },
  });
}

/** What a manifest promises is bounded by what its shard may hold, before a row is read. */
function refuseMore({ path, manifest }: Part, { modules, vectors }: ReturnType<typeof expectedRows>): void {
  const count = (names: Names): number => [...names.values()].reduce((sum, { size }) => sum + size, 0);
  const most = { modules: count(modules), vectors: count(vectors), overlaps: count(modules) * modules.size };
  for (const [name, { rows }] of Object.entries(manifest.files)) {
    const limit = most[name as keyof typeof most];
    if (rows > limit) throw invalid(path, `${rows} ${name} are promised where its shard has at most ${limit}`);
  }
}

type Names = ReadonlyMap<string, ReadonlySet<string>>;

/** Throws for a row that is not of the shard, or that was there before. */
function createOnce(part: Part) {
  const seen = new Set<string>();
  return (expected: Names, table: "modules" | "vectors", analysis: string, name: string): void => {
    const file = PART_FILES[table];
    if (!expected.get(analysis)?.has(name))
      throw invalid(part.path, `${file} holds ${name}, which is not of its shard`);
    const key = `${table} ${analysis} ${name}`;
    if (seen.has(key)) throw invalid(part.path, `${file} holds ${name} twice`);
    seen.add(key);
  };
}

/** Names by analysis that the part's shard may hold. */
function expectedRows({ runs, shard }: PartManifest): { modules: Names; vectors: Names } {
  const ofShard = (names: readonly string[], shards: readonly number[]): Set<string> =>
    new Set(names.filter((_, index) => shards[index] === shard.index));
  return {
    modules: new Map(runs.map((run) => [run.analysis, ofShard(run.modules, run.moduleShards)])),
    vectors: new Map(runs.map((run) => [run.analysis, ofShard(run.vectors, run.vectorShards)])),
  };
}
