/** Product and transformers on the same requests, by turns. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChild } from "../child.ts";
import { makeWorkloads, type Workload } from "./workloads.ts";

/** What a process that scored the workloads prints. */
export interface ScoringAnswer {
  readonly openSeconds?: number;
  readonly versions?: string;
  readonly workloads: readonly {
    readonly name: string;
    readonly seconds: number;
    readonly loglikelihoods: readonly number[];
  }[];
}

export interface ScoringRun extends ScoringAnswer {
  readonly peakBytes: number | undefined;
}

export interface ScoringMeasured {
  readonly workloads: readonly Workload[];
  readonly product: readonly ScoringRun[];
  /** Empty without a Python that has transformers. */
  readonly reference: readonly ScoringRun[];
}

export interface ScoringContext {
  readonly model: string;
  readonly vocabulary: number;
  readonly threads: number;
  readonly turns: number;
  readonly python: string | undefined;
  readonly log: (message: string) => void;
}

export async function measureScoring(context: ScoringContext): Promise<ScoringMeasured> {
  const workloads = makeWorkloads(context.vocabulary);
  const folder = mkdtempSync(join(tmpdir(), "deltascope-bench-"));
  const file = join(folder, "workloads.json");
  writeFileSync(file, JSON.stringify(workloads));
  const product: ScoringRun[] = [];
  const reference: ScoringRun[] = [];
  try {
    for (let turn = 1; turn <= context.turns; turn += 1) {
      context.log(`scoring: turn ${turn} of ${context.turns}`);
      product.push(
        await run(process.execPath, ["--no-warnings", join(import.meta.dirname, "child.ts")], file, context),
      );
      if (context.python === undefined) continue;
      reference.push(await run(context.python, [join(import.meta.dirname, "reference.py")], file, context));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { workloads, product, reference };
}

async function run(program: string, script: string[], file: string, context: ScoringContext): Promise<ScoringRun> {
  const { model, threads } = context;
  const result = await runChild({ program, arguments: [...script, model, file, String(threads)] });
  if (result.code !== 0) throw new Error(`${script.at(-1)} ended with ${result.code}: ${result.errors}`);
  return { ...(JSON.parse(result.output) as ScoringAnswer), peakBytes: result.peakBytes };
}
