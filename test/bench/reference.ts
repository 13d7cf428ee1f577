/** The reference script, if a Python with torch is to be had. */
import { join } from "node:path";
import type { BenchCase } from "./checkpoints.ts";
import { runChild } from "./child.ts";

const script = join(import.meta.dirname, "reference.py");

export interface ReferenceModule {
  readonly name: string;
  /** Best cosines of the first tuned vectors. */
  readonly adapter: readonly number[];
  readonly full: readonly number[];
}

/** Seconds by part, and what was found. */
export interface ReferenceLayer {
  readonly torch: string;
  readonly seconds: { readonly read: number; readonly base: number; readonly adapter: number; readonly full: number };
  readonly modules: readonly ReferenceModule[];
}

export interface GemmPeak {
  /** Floating point operations a second. */
  readonly float32: number;
  readonly float64: number;
}

async function runScript<Result>(python: string, ...arguments_: string[]): Promise<Result> {
  const result = await runChild({ program: python, arguments: [script, ...arguments_] });
  if (result.code !== 0) throw new Error(`reference.py ended with ${result.code}: ${result.errors}`);
  return JSON.parse(result.output) as Result;
}

/** Fastest product of two square matrices that torch does with as many threads. */
export function gemmPeak(python: string, threads: number): Promise<GemmPeak> {
  return runScript(python, "gemm", "--threads", String(threads));
}

/** Times one transformer layer of the case. */
export function referenceLayer(
  python: string,
  { base, adapters, full }: BenchCase,
  layer: number,
  threads: number,
): Promise<ReferenceLayer> {
  const folders = ["--base", base, "--adapter", adapters[0] ?? "", "--full", full];
  return runScript(python, "modules", ...folders, "--layer", String(layer), "--threads", String(threads));
}
