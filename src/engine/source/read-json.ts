/** JSON files of a source, bounded in size and depth. */
import { open } from "node:fs/promises";
import { DeltaScopeError, type ErrorCode } from "../../contract/errors.ts";
import { takeTurn } from "../turns.ts";
import { fileError } from "./file-errors.ts";
import { findExcessInTurns, withoutPythonNumbers } from "./json-guard.ts";
import type { SourceFile } from "./source.ts";

const MEBIBYTE = 2 ** 20;
/** config.json and adapter_config.json have some kilobytes; long unsloth patterns and rank tables reach a megabyte. */
export const CONFIG_BYTES_MAXIMUM = 16 * MEBIBYTE;
/**
 * Most values of a configuration: pattern tables of the largest mixtures have 80,000. Parsing cannot be interrupted,
 * and a quarter of a million takes some 150 ms.
 */
export const CONFIG_VALUES_MAXIMUM = 250_000;
export const CONFIG_LIMITS = { bytes: CONFIG_BYTES_MAXIMUM, values: CONFIG_VALUES_MAXIMUM } as const;
/** The index of a mixture with 100,000 tensors has about 10 MB. */
export const INDEX_BYTES_MAXIMUM = 64 * MEBIBYTE;

export interface JsonLimits {
  bytes: number;
  /** Most values, `JSON_VALUES_MAXIMUM` where nothing is said. */
  values?: number;
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
  return (await readJsonText(file, limits)).value;
}

/** The object with the text it was parsed from, for those who need the order of its keys. Throws as `readJson`. */
export async function readJsonText(file: SourceFile, limits: JsonLimits): Promise<{ value: JsonObject; text: string }> {
  const refuse = (why: string) => new DeltaScopeError(limits.code, `${file.name}: ${why}.`, file.path);
  if (file.size > limits.bytes) throw refuse(`it has ${file.size} bytes, more than the limit of ${limits.bytes}`);
  const bytes = await readWhole(file);
  const excess = await findExcessInTurns(bytes, limits.values);
  if (excess !== undefined) throw refuse(excess);
  await takeTurn();
  const { value, text } = await parse(bytes, refuse);
  await takeTurn();
  if (!isObject(value)) throw refuse("it holds no JSON object");
  return { value, text };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of an own key; undefined for what is absent, `__proto__` and other inherited names included. */
export function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

interface Parsed {
  value: unknown;
  text: string;
}

async function parse(bytes: Buffer, refuse: (why: string) => DeltaScopeError): Promise<Parsed> {
  try {
    const text = decode(bytes, refuse);
    return { value: JSON.parse(text), text };
  } catch (thrown) {
    if (thrown instanceof DeltaScopeError) throw thrown;
    return parsePython(bytes, thrown as Error, refuse);
  }
}

async function parsePython(bytes: Buffer, first: Error, refuse: (why: string) => DeltaScopeError): Promise<Parsed> {
  try {
    const text = (await withoutPythonNumbers(bytes)).toString("utf8");
    return { value: JSON.parse(text), text };
  } catch {
    throw refuse(`it is not valid JSON: ${printable(first.message)}`);
  }
}

function decode(bytes: Buffer, refuse: (why: string) => DeltaScopeError): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse("it is not UTF-8 text");
  }
}

/** V8 quotes a piece of the text in its message; control characters of it must not reach a terminal. */
function printable(message: string): string {
  return message.slice(0, 200).replace(/[^\x20-\x7e]/g, " ");
}

async function readWhole(file: SourceFile): Promise<Buffer> {
  const handle = await open(file.path).catch((thrown: unknown) => Promise.reject(fileError(thrown, file.path)));
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
