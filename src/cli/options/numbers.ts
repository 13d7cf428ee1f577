/** Numbers of the command line, checked where they are typed. Every function throws `usage.invalid`. */
import { DeltaScopeError, thrownMessage } from "../../contract/errors.ts";

export function usageError(message: string): DeltaScopeError {
  return new DeltaScopeError("usage.invalid", message);
}

/** A whole number between `least` and `most`, both included. */
export function wholeNumber(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,15}$/.test(text) || value < least || value > most) {
      throw usageError(`${option} must be a whole number from ${least} to ${most}, not "${text}".`);
    }
    return value;
  };
}

/** ε: a number strictly between 0 and 1. */
export function openUnitInterval(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value > 0 && value < 1)) {
      throw usageError(`${option} must lie between 0 and 1, both excluded, not "${text}".`);
    }
    return value;
  };
}

const byteUnits: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["tb", 1e12],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
]);
/** Below this not even one block of rows fits. */
const leastMemory = 16e6;

/** An amount of memory such as 2GB, 512MB or 1.5GiB, in bytes. */
export function memorySize(text: string): number {
  const [, number = "", unit = ""] = /^(\d{1,12}(?:\.\d{1,6})?)\s?([a-z]{0,3})$/i.exec(text) ?? [];
  const factor = byteUnits.get(unit.toLowerCase());
  const bytes = Math.round(Number(number) * (factor ?? Number.NaN));
  if (number === "" || !Number.isSafeInteger(bytes))
    throw usageError(`--memory "${text}" is not an amount such as 2GB.`);
  if (bytes < leastMemory) throw usageError(`--memory ${text} is too little; at least 16MB are needed.`);
  return bytes;
}

/** `0-5` or `3`: first and last layer, both included. */
export function layerRange(text: string): { from: number; to: number } {
  const [, first, last] = /^(\d{1,6})(?:[-–](\d{1,6}))?$/.exec(text) ?? [];
  if (first === undefined) throw usageError(`--layers "${text}" is not a range such as 0-5.`);
  const range = { from: Number(first), to: Number(last ?? first) };
  if (range.to < range.from) throw usageError(`--layers ${text} ends before it begins.`);
  return range;
}

/** A regular expression on module names, given on unchanged. */
export function pattern(text: string): string {
  try {
    new RegExp(text);
    return text;
  } catch (error) {
    const reason = thrownMessage(error);
    throw usageError(`--modules is not a regular expression: ${reason}`);
  }
}
