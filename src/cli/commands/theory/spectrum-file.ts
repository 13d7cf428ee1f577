/** Lists of numbers from files: a JSON list, a document with `singularValues`, or one number per line. */
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { DeltaScopeError, thrownMessage } from "../../../contract/errors.ts";

/** A spectrum of 10⁵ values in decimal; anything larger is no list of singular values. */
const mostBytes = 4e6;

const numbers = z.array(z.number()).min(1);
const documents = z.union([
  numbers,
  z.object({ singularValues: numbers }).transform(({ singularValues }) => singularValues),
  z.object({ singular_values: numbers }).transform(({ singular_values: values }) => values),
]);

/** @throws DeltaScopeError `source.not-found`, `theory.invalid` that names the line */
export async function numbersOf(path: string, workingFolder: string): Promise<number[]> {
  const file = resolve(workingFolder, path);
  const text = await bounded(file);
  const start = text.trimStart()[0];
  if (start === "[" || start === "{") {
    const parsed = documents.safeParse(parseJson(text, file));
    if (parsed.success) return parsed.data;
    throw new DeltaScopeError("theory.invalid", `${file} holds no list of numbers and no singularValues.`, file);
  }
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: line.trim(), number: index + 1 }));
  return lines.filter(({ line }) => line !== "").map(({ line, number }) => numberIn(line, number, file));
}

function numberIn(line: string, number: number, file: string): number {
  const value = Number(line);
  if (Number.isFinite(value)) return value;
  throw new DeltaScopeError(
    "theory.invalid",
    `${file}, line ${number}: ${JSON.stringify(line.slice(0, 60))} is no number.`,
    file,
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = thrownMessage(error);
    throw new DeltaScopeError("json.invalid", `${file}: ${reason}`, file);
  }
}

async function bounded(file: string): Promise<string> {
  const handle = await open(file, "r").catch(() => {
    throw new DeltaScopeError("source.not-found", `${file} cannot be read.`, file);
  });
  try {
    const { size } = await handle.stat();
    if (size > mostBytes) {
      throw new DeltaScopeError(
        "theory.invalid",
        `${file} has ${size} bytes; a list of numbers has at most ${mostBytes}.`,
        file,
      );
    }
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}
