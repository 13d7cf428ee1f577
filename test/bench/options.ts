/** Command line of the benchmarks. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

export const HELP = `Measures the product against the goals and against torch, and writes docs/benchmarks.md.

  npm run bench -- [options]

  --only PART        analysis, scoring or theory; the document keeps the other parts as they are
  --layers N         layers of both shapes (the 0.5B shape: all 24; the 3B shape: 2)
  --whole            all layers of both shapes, also for the reference; takes about an hour
  --threads N        threads of the product and of the reference (2)
  --turns N          runs of product and of transformers or numpy, for scoring and theory (3)
  --no-reference     skip torch
  --no-write         print the table only

Checkpoints are kept in $DELTASCOPE_BENCH_DIR, by default a folder of the system's temporary one.
torch (for scoring also transformers) is looked for in $DELTASCOPE_PYTHON, the trainer's environment, and python3.`;

export const parts = ["analysis", "scoring", "theory"] as const;
export type Part = (typeof parts)[number];

export interface BenchOptions {
  readonly parts: readonly Part[];
  /** Layers of the small and of the large shape. */
  readonly layers: { readonly small: number; readonly large: number };
  /** Layers that the reference is timed on; its cost is the same in each. */
  readonly referenceLayers: { readonly small: number; readonly large: number };
  readonly threads: number;
  readonly turns: number;
  readonly reference: boolean;
  readonly write: boolean;
  readonly folder: string;
}

export const wholeLayers = { small: 24, large: 36 } as const;

/** Reads the command line; undefined when help was asked for. */
export function readOptions(): BenchOptions | undefined {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      layers: { type: "string" },
      whole: { type: "boolean", default: false },
      threads: { type: "string", default: "2" },
      turns: { type: "string", default: "3" },
      reference: { type: "boolean", default: true },
      write: { type: "boolean", default: true },
      help: { type: "boolean", default: false },
    },
    allowNegative: true,
  });
  if (values.help) return undefined;
  const asked = values.layers === undefined ? undefined : wholeNumber("layers", values.layers);
  const layers = { small: Math.min(asked ?? 24, 24), large: Math.min(asked ?? (values.whole ? 36 : 2), 36) };
  return {
    parts: chosenParts(values.only),
    layers,
    referenceLayers: values.whole ? layers : { small: Math.min(2, layers.small), large: 1 },
    threads: wholeNumber("threads", values.threads),
    turns: wholeNumber("turns", values.turns),
    reference: values.reference,
    write: values.write,
    folder: process.env.DELTASCOPE_BENCH_DIR ?? join(tmpdir(), "deltascope-bench"),
  };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`--${name} must be a whole number of at least 1`);
  return value;
}

function chosenParts(only: string | undefined): readonly Part[] {
  const chosen = parts.filter((part) => only === undefined || part === only);
  if (chosen.length === 0) throw new RangeError(`--only must be one of ${parts.join(", ")}`);
  return chosen;
}
