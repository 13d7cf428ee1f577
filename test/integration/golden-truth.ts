/** The golden models and what peft, transformers and numpy say of them (tools/make-golden). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Matrix } from "../builders/evaluate-statement.ts";

export interface GoldenCase {
  id: string;
  base: string;
  tuned: string;
  /** Codes of the alerts, for cases that open. */
  alerts?: string[];
  /** Code of the error, for cases that are refused. */
  error?: string;
}

export interface MatrixTruth {
  shape: [number, number];
  frobenius: number;
  baseFrobenius: number;
  /** Those above the rounding of float64; their number is the rank. */
  singularValues: number[];
  ranks: Record<string, number>;
  /** Top values of the tuned matrix. */
  tuned: number[];
  /** Best absolute cosine of each top vector with all base vectors. */
  left: number[];
  right: number[];
  probes: number[];
}

export interface VectorTruth {
  length: number;
  frobenius: number;
  baseFrobenius: number;
}

export interface Truth {
  matrices: Record<string, MatrixTruth>;
  vectors: Record<string, VectorTruth>;
}

const root = join(import.meta.dirname, "../golden/models");

export const goldenCases: GoldenCase[] = readJson<{ cases: GoldenCase[] }>("manifest.json").cases;

export function goldenPath(place: string): string {
  return join(root, place);
}

export function truthOf(id: string): Truth {
  return readJson<Truth>(`truth/${id}.json`);
}

function readJson<Value>(name: string): Value {
  return JSON.parse(readFileSync(join(root, name), "utf8")) as Value;
}

const PROBES = 4;

/** Entries sin(0.7310585 (number + 1) (j + 1)²), as in tools/make-golden/measures.py. */
function probe(length: number, number: number): number[] {
  return Array.from({ length }, (_, j) => Math.sin(0.7310585 * (number + 1) * (j + 1) * (j + 1)));
}

/** yᵀ·ΔW·x for four fixed pairs of vectors. */
export function probesOf(matrix: Matrix): number[] {
  return Array.from({ length: PROBES }, (_, number) => {
    const [left, right] = [probe(matrix.rows, number + PROBES), probe(matrix.columns, number)];
    return matrix.data.reduce((sum, value, index) => {
      const row = Math.floor(index / matrix.columns);
      return sum + (left[row] as number) * value * (right[index % matrix.columns] as number);
    }, 0);
  });
}
