/** Search parameters as people read them: plain words, lists with commas; what does not fit a schema is dropped. */
import type { z } from "zod";

type Search = Record<string, unknown>;

/** `?runs=a,b&k=10` → `{ runs: "a,b", k: "10" }`; the schema of the route makes numbers of them. */
export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

/** The other way; undefined values are left out, commas stay readable. */
export function stringifySearch(search: Search): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value !== undefined && value !== null) parameters.set(key, String(value));
  }
  const text = parameters.toString().replaceAll("%2C", ",");
  return text === "" ? "" : `?${text}`;
}

/**
 * A route's validator: known parameters parsed, invalid and unknown ones set to undefined, so that they leave the address.
 * Parameters named in `inherited` belong to the frame and pass untouched.
 */
export function searchValidator<Schema extends z.ZodObject>(schema: Schema, inherited: readonly string[] = []) {
  return (input: Search): z.infer<Schema> => {
    const known = Object.keys(input).filter((key) => !inherited.includes(key));
    const dropped = Object.fromEntries(known.map((key) => [key, undefined]));
    return { ...dropped, ...parsePossible(schema, input) };
  };
}

function parsePossible<Schema extends z.ZodObject>(schema: Schema, input: Search): z.infer<Schema> {
  const first = schema.safeParse(input);
  if (first.success) return first.data;
  const wrong = new Set(first.error.issues.map((issue) => String(issue.path[0])));
  const read = Object.entries(input).map(([key, value]) => [key, wrong.has(key) ? asNumberOrFlag(value) : value]);
  const second = schema.safeParse(Object.fromEntries(read));
  if (second.success) return second.data;
  const stillWrong = new Set(second.error.issues.map((issue) => String(issue.path[0])));
  const rest = schema.safeParse(Object.fromEntries(read.filter(([key]) => !stillWrong.has(String(key)))));
  return rest.success ? rest.data : ({} as z.infer<Schema>);
}

/** Addresses hold words only; a schema may ask for a number or a flag. */
function asNumberOrFlag(value: unknown): unknown {
  if (value === "true") return true;
  if (value === "false") return false;
  const isNumber = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  return isNumber ? Number(value) : value;
}
