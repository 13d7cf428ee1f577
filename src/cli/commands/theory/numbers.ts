/** Values of the theory commands. Every function throws `usage.invalid`. */
import type { Shift } from "../../../contract/domain/theory.ts";
import { usageError, wholeNumber } from "../../options/numbers.ts";

/** The numeric crate refuses what has no answer; this is only what a number may look like. */
const largest = 1e12;

export const sizeOption = (option: string): ((text: string) => number) => wholeNumber(option, 1, largest);
export const countOption = (option: string, most: number): ((text: string) => number) => wholeNumber(option, 0, most);

/** Any finite number; its range is checked where its meaning is known. */
export function realNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) throw usageError(`${option} must be a number, not "${text}".`);
    return value;
  };
}

/** `1,2,4`. */
export function rankList(text: string): number[] {
  const parse = wholeNumber("--ranks", 0, largest);
  return text.split(",").map((part) => parse(part.trim()));
}

/** `ba:4`, `exp:0.5:5`, `pow:1:5`. */
export function shiftOf(text: string): Shift {
  const [kind, first = "", second = "", ...rest] = text.split(":");
  const wrong = usageError(`--delta "${text}" is not ba:RANK, exp:RATE:SCALE or pow:P:SCALE.`);
  if (rest.length > 0) throw wrong;
  if (kind === "ba" && second === "") return { kind: "ba", rank: sizeOption("--delta ba")(first) };
  if (kind !== "exp" && kind !== "pow") throw wrong;
  return { kind, decay: realNumber(`--delta ${kind}`)(first), scale: realNumber(`--delta ${kind}`)(second) };
}
