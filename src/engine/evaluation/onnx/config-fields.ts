/** Fields of config.json with their checks: what is not understood is refused, as a wrong graph gives plausible numbers. */
import { DeltaScopeError } from "../../../contract/errors.ts";
import { quote } from "../../source/quote.ts";
import { type JsonObject, own } from "../../source/read-json.ts";

export interface ConfigReader {
  /** The field's value; undefined for `null` and for what is absent. */
  value(name: string): unknown;
  /** Whether the file names the field, be it with `null`: some defaults hold only for what is absent. */
  has(name: string): boolean;
  /** A whole number from 1 to `INTEGER_MAXIMUM`. */
  integer(name: string, otherwise?: number): number;
  /** A finite number above 0. */
  positive(name: string, otherwise?: number): number;
  flag(name: string, otherwise: boolean): boolean;
  /** Throws `evaluation.unsupported`, naming the field and its value. */
  refuse(name: string, why?: string): never;
}

/** No size in a configuration comes near; with it no product of two is inexact. */
const INTEGER_MAXIMUM = 1e8;

/** Reads `fields`, which stand under `prefix` in the file `where`. */
export function configReader(fields: JsonObject, where: string, prefix = ""): ConfigReader {
  const value = (name: string): unknown => own(fields, name) ?? undefined;
  const refuse = (name: string, why = "is not supported"): never => {
    const found = own(fields, name);
    const what = found === undefined ? "is missing" : `is ${shown(found)}, which ${why}`;
    const message = `config.json: \`${prefix}${name}\` ${what}.`;
    throw new DeltaScopeError("evaluation.unsupported", message, where);
  };
  const number = (name: string, otherwise?: number): number => {
    const found = value(name) ?? otherwise;
    if (typeof found !== "number" || !Number.isFinite(found) || found <= 0) return refuse(name, "must be above 0");
    return found;
  };
  const integer = (name: string, otherwise?: number): number => {
    const found = number(name, otherwise);
    if (!Number.isInteger(found) || found > INTEGER_MAXIMUM) return refuse(name, "is no sensible whole number");
    return found;
  };
  const flag = (name: string, otherwise: boolean): boolean => {
    const found = value(name) ?? otherwise;
    return typeof found === "boolean" ? found : refuse(name, "must be true or false");
  };
  const has = (name: string): boolean => Object.hasOwn(fields, name);
  return { value, has, refuse, positive: number, integer, flag };
}

/** A text stands in quotes once; numbers, switches and null as they are. */
function shown(value: unknown): string {
  if (typeof value === "string") return quote(value);
  return typeof value === "object" && value !== null ? quote(JSON.stringify(value)) : String(value);
}
