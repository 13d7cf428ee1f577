/** JSON text in columns: numbers come back bit for bit, and nothing is believed before its schema agreed. */
import type { z } from "zod";
import { DeltaScopeError } from "../../contract/errors.ts";

/** Standard since ECMAScript 2025 and in Node 22, but not yet in the compiler's library. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** JSON text that keeps −0; a number that JSON cannot hold throws `internal` instead of turning into null. */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value, (key, item: unknown) => {
    if (typeof item !== "number") return item;
    if (!Number.isFinite(item)) throw new DeltaScopeError("internal", `${key} is ${item}, which no document may hold.`);
    return Object.is(item, -0) ? rawJSON("-0") : item;
  });
}

/** Reads a text column; `where` names its row for the `store.failed` error of a damaged or foreign value. */
export function fromJsonText<Schema extends z.ZodType>(schema: Schema, text: unknown, where: string): z.output<Schema> {
  return validated(schema, parseJson(String(text), where), where);
}

/** What the schema makes of a stored value; a workspace may come from a stranger, so a misfit is `store.failed`. */
export function validated<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DeltaScopeError("store.failed", `Stored ${where}: ${issue?.path.join(".")}: ${issue?.message}`, where);
}

export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DeltaScopeError("store.failed", `Stored ${where} is not JSON.`, where, { cause });
  }
}
