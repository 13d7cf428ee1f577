/** JSON files of a source, bounded in size and depth. */
import { isUtf8 } from "node:buffer";
import { DeltaScopeError, type ErrorCode } from "../../contract/errors.ts";
import { takeTurn } from "../turns.ts";
import { fileError } from "./file-errors.ts";
import { type JsonBounds, lookOver, withoutPythonNumbers } from "./json-guard.ts";
import { parseInTurns } from "./parse-json.ts";
import { openRegular } from "./regular-file.ts";
import type { SourceFile } from "./source.ts";

const MEBIBYTE = 2 ** 20;
/** config.json and adapter_config.json have some kilobytes; long unsloth patterns and rank tables reach a megabyte. */
export const CONFIG_BYTES_MAXIMUM = 16 * MEBIBYTE;
/** Most values of a configuration: two pattern tables of the largest mixtures have 140,000. */
export const CONFIG_VALUES_MAXIMUM = 250_000;
/** Most entries of one of its tables or lists: the keys of an object are listed at once, in some 20 ms. */
export const CONFIG_ENTRIES_MAXIMUM = 100_000;
export const CONFIG_LIMITS = {
  ...{ bytes: CONFIG_BYTES_MAXIMUM, values: CONFIG_VALUES_MAXIMUM, entries: CONFIG_ENTRIES_MAXIMUM },
} as const;
/** The index of a mixture with 100,000 tensors has about 10 MB. */
export const INDEX_BYTES_MAXIMUM = 64 * MEBIBYTE;
/** Three times the tensors of the largest public mixtures, with the scales of their quantised experts. */
export const INDEX_VALUES_MAXIMUM = 500_000;
export const INDEX_LIMITS = { bytes: INDEX_BYTES_MAXIMUM, values: INDEX_VALUES_MAXIMUM } as const;

export interface JsonLimits extends JsonBounds {
  bytes: number;
  /** Code of the error for text that is no JSON object. */
  code: Extract<
    ErrorCode,
    "json.invalid" | "checkpoint.config-invalid" | "adapter.config-invalid" | "tokenizer.invalid" | "part.invalid"
  >;
}

/** A parsed JSON object. Its keys are hostile: ask with Object.hasOwn, copy into a Map. */
export type JsonObject = Record<string, unknown>;

/**
 * Reads a file that must hold one JSON object.
 * Throws `limits.code`, `source.changed` or `source.unreadable`.
 */
export async function readJson(file: SourceFile, limits: JsonLimits): Promise<JsonObject> {
  return (await readJsonBytes(file, limits)).value;
}

/** The object with the UTF-8 text it was parsed from. Throws as `readJson`. */
export function readJsonBytes(file: SourceFile, limits: JsonLimits): Promise<{ value: JsonObject; bytes: Buffer }> {
  return readObject(file, limits, undefined);
}

/** The object at one key of the file's object, as a Map; undefined where there is none. Throws as `readJson`. */
export async function readJsonTable(
  file: SourceFile,
  limits: JsonLimits,
  key: string,
): Promise<Map<string, unknown> | undefined> {
  const { value } = await readObject(file, limits, key);
  const table = own(value, key);
  return table instanceof Map ? table : undefined;
}

async function readObject(file: SourceFile, limits: JsonLimits, table: string | undefined) {
  const refuse = (why: string) => new DeltaScopeError(limits.code, `${file.name}: ${why}.`, file.path);
  if (file.size > limits.bytes) throw refuse(`it has ${file.size} bytes, more than the limit of ${limits.bytes}`);
  return parseObject(await readWhole(file), limits, { refuse, table });
}

/** Exported for fuzzing: all that happens to the bytes of a file. */
export async function parseObject(
  bytes: Buffer,
  bounds: JsonBounds,
  { refuse, table }: { refuse: (why: string) => DeltaScopeError; table: string | undefined },
): Promise<{ value: JsonObject; bytes: Buffer }> {
  if (!isUtf8(bytes)) throw refuse("it is not UTF-8 text");
  const parsed = await parse(bytes).catch(async (thrown: Error) => {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    const plain = await withoutPythonNumbers(bytes);
    if (plain === bytes) throw refuse(`it is not valid JSON: ${printable(thrown.message)}`);
    return parse(plain).catch(() => {
      throw refuse(`it is not valid JSON: ${printable(thrown.message)}`);
    });
  });
  await takeTurn();
  if (!isObject(parsed.value)) throw refuse("it holds no JSON object");
  return { value: parsed.value, bytes: parsed.bytes };

  async function parse(text: Buffer): Promise<{ value: unknown; bytes: Buffer }> {
    const overview = await lookOver(text, bounds);
    if (overview.excess !== undefined) throw refuse(overview.excess);
    return { value: await parseInTurns(text, overview, table), bytes: text };
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of an own key; undefined for what is absent, `__proto__` and other inherited names included. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** V8 quotes a piece of the text in its message; control characters of it must not reach a terminal. */
function printable(message: string): string {
  return message.slice(0, 200).replace(/[^\x20-\x7e]/g, " ");
}

async function readWhole(file: SourceFile): Promise<Buffer> {
  const handle = await openRegular(file.path);
  try {
    const { size, mtimeNs } = await handle.stat({ bigint: true });
    if (size !== BigInt(file.size) || mtimeNs !== file.mtimeNs) throw changed(file);
    const bytes = Buffer.alloc(file.size);
    const { bytesRead } = await handle.read(bytes, 0, file.size, 0);
    if (bytesRead !== file.size) throw changed(file);
    return bytes;
  } catch (thrown) {
    throw fileError(thrown, file.path);
  } finally {
    await handle.close();
  }
}

function changed(file: SourceFile): DeltaScopeError {
  return new DeltaScopeError("source.changed", `${file.path} changed while it was being opened.`, file.path);
}
