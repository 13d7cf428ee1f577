/** `npm run bench`: measures, prints a table and writes docs/benchmarks.md; see HELP in options.ts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { prepareCase, prepareSparse } from "./checkpoints.ts";
import { machineName, watchOthers } from "./machine.ts";
import { type Measured, measureCase } from "./measure.ts";
import { type BenchOptions, HELP, readOptions } from "./options.ts";
import { inEngine } from "./product.ts";
import { findPython, type GemmPeak, gemmPeak } from "./reference.ts";
import { caseRows, openRow, renderRows } from "./table.ts";

const documentFile = join(import.meta.dirname, "../../docs/benchmarks.md");
const log = (message: string): void => console.error(message);

function peakLine(peak: GemmPeak | undefined): string {
  if (!peak) return "not measured: no Python with torch was found";
  const gigaflops = (value: number): string => `${(value / 1e9).toFixed(0)} GF/s`;
  return `${gigaflops(peak.float32)} in f32, ${gigaflops(peak.float64)} in f64 (torch's, 2048 × 2048)`;
}

function referenceLine(cases: readonly Measured[]): string {
  const torch = cases[0]?.reference[0]?.torch;
  if (torch === undefined) return "none";
  const layers = cases.map(({ subject }) => `${subject.referenceLayers} of ${subject.title}`).join(", ");
  return `torch ${torch}, timed on layers: ${layers}; every layer has the same shapes, so its time is multiplied`;
}

/** Cores that others may use before the figures stop meaning anything. */
const QUIET_CORES = 0.1;

function othersLine(others: number | undefined): string {
  if (others === undefined) return "not known";
  const busy = `${others.toFixed(2)} cores busy on average`;
  return others <= QUIET_CORES
    ? busy
    : `${busy}; **the machine was not quiet, so neither times nor ratios are to be trusted**`;
}

interface Findings {
  readonly cases: readonly Measured[];
  readonly peak: GemmPeak | undefined;
  readonly others: number | undefined;
  readonly table: string;
}

function renderDocument(options: BenchOptions, { cases, peak, others, table }: Findings): string {
  const version = cases[0]?.rounds[0]?.adapter.document.version ?? "";
  return `# Benchmarks

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}.

- machine: ${machineName()}
- versions: DeltaScope ${version}, Node ${process.versions.node}
- other programs meanwhile: ${othersLine(others)}
- threads: ${options.threads}, of the product and of the reference
- reference: ${referenceLine(cases)}
- gemm peak with as many threads: ${peakLine(peak)}

${table}

What the figures mean:

- Checkpoints of the true Qwen2.5 shapes without embeddings, seeded, in bf16 (\`tools/make-checkpoint\`); page cache warm.
- The product's time is that of the whole command, from its start to its exit, with a new workspace: Node's start, pairing,
  all measures, the store and the document. The median of three runs counts.
- The reference does what PEFT's intruder tool and the paper's script do, per linear layer and in fp32: thin SVDs of the
  base and of the tuned weight and the matrix of their cosines, for full checkpoints also the singular values of ΔW. Its
  time is reading and computing only; neither Python's start nor the loading of torch counts. It ran in turns with the
  product.
- Figures for all layers are extrapolated from the measured layers and from the cost of one more (half of the layers were
  measured too).
- Memory is the largest anonymous and shared memory seen at ${1000 / 20} looks a second, Node included.
`;
}

async function measureAll(options: BenchOptions): Promise<void> {
  const coresOfOthers = watchOthers();
  const python = options.reference ? findPython() : undefined;
  log(`checkpoints in ${options.folder}`);
  const cases = (["small", "large"] as const).map((size) => prepareCase(options, size));
  const open = await inEngine("open", prepareSparse(options));
  const peak = python === undefined ? undefined : await gemmPeak(python, options.threads);
  const measured: Measured[] = [];
  for (const subject of cases) measured.push(await measureCase(subject, { threads: options.threads, python, log }));
  const table = renderRows([openRow(open), ...measured.flatMap((one) => caseRows(one, peak))]);
  const document = renderDocument(options, { cases: measured, peak, others: coresOfOthers(), table });
  console.log(document);
  if (options.write) writeFileSync(documentFile, document);
}

const options = readOptions();
if (options) await measureAll(options);
else console.log(HELP);
