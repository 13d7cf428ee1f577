/** Bounds of best cosines as one list of numbers per side: lower ones, upper ones, shares of ΔW. */
import { DuckDBListValue, type DuckDBValue } from "@duckdb/node-api";
import { z } from "zod";
import type { ModuleRow } from "../../contract/domain/cells.ts";
import { type SideMeasures, singularVector } from "../../contract/domain/intruder.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { fromJsonText } from "./json.ts";

type SideBounds = ModuleRow["bounds"]["left"];
type Vectors = Pick<SideMeasures["vectors"][number], "maxCosine" | "deltaShare">[];

/** Numbers that stand for one vector. */
const parts = 3;

export function encodeBounds({ vectors }: { vectors: Vectors }): number[] {
  const { lower, upper, deltaShare } = boundsOfVectors(vectors);
  return [...lower, ...upper, ...deltaShare];
}

function boundsOfVectors(vectors: Vectors): NonNullable<SideBounds> {
  return {
    lower: vectors.map(({ maxCosine }) => maxCosine.lower),
    upper: vectors.map(({ maxCosine }) => maxCosine.upper),
    deltaShare: vectors.map(({ deltaShare }) => deltaShare),
  };
}

/** @throws DeltaScopeError `store.failed` for what this program cannot have written */
export function decodeBounds(value: DuckDBValue | undefined, where: string): SideBounds {
  if (value === null || value === undefined) return null;
  const numbers = value instanceof DuckDBListValue ? (value.items as number[]) : [Number.NaN];
  const count = numbers.length / parts;
  if (!Number.isInteger(count) || !numbers.every(Number.isFinite)) {
    throw new DeltaScopeError("store.failed", `Stored ${where}: its bounds are damaged.`, where);
  }
  const part = (index: number): number[] => numbers.slice(index * count, (index + 1) * count);
  return { lower: part(0), upper: part(1), deltaShare: part(2) };
}

const side = z.object({ vectors: z.array(singularVector.pick({ maxCosine: true, deltaShare: true })) });
const sides = z.object({ left: side.optional(), right: side.optional() });

/** The same from the text of a module's sides. */
export function boundsOfSides(text: string, where: string): ModuleRow["bounds"] {
  const { left, right } = fromJsonText(sides, text, where);
  return { left: left ? boundsOfVectors(left.vectors) : null, right: right ? boundsOfVectors(right.vectors) : null };
}
