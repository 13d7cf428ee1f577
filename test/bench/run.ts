/** `npm run bench`: measures, prints tables and writes docs/benchmarks.md; see HELP in options.ts. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programVersion } from "../../src/contract/version.ts";
import { findPython } from "../../tools/find-python.mjs";
import { prepareCase, prepareScoring, prepareSparse, SCORING_VOCABULARY } from "./checkpoints.ts";
import { factLines, mergeSections } from "./document.ts";
import { watchOthers } from "./machine.ts";
import { type Measured, measureCase } from "./measure.ts";
import { type BenchOptions, HELP, type Part, readOptions } from "./options.ts";
import { inEngine } from "./product.ts";
import { type GemmPeak, gemmPeak } from "./reference.ts";
import { measureScoring } from "./scoring/measure.ts";
import { scoringRows } from "./scoring/table.ts";
import { caseRows, openRow, renderRows } from "./table.ts";
import { measureTheory } from "./theory/measure.ts";
import { theoryRows } from "./theory/table.ts";

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

const ANALYSIS_NOTES = `What the figures mean:

- Checkpoints of the true Qwen2.5 shapes without embeddings, seeded, in bf16 (\`tools/make-checkpoint\`); page cache warm.
- The product's time is that of the whole command, from its start to its exit, with a new workspace: Node's start, pairing,
  all measures, the store and the document. The median of three runs counts.
- The reference does what PEFT's intruder tool and the paper's script do, per linear layer and in fp32: thin SVDs of the
  base and of the tuned weight and the matrix of their cosines, for full checkpoints also the singular values of ΔW. Its
  time is reading and computing only; neither Python's start nor the loading of torch counts. It ran in turns with the
  product.
- Figures for all layers are extrapolated from the measured layers and from the cost of one more (half of the layers were
  measured too).
- Memory is the largest anonymous and shared memory seen at ${1000 / 20} looks a second, Node included.`;

async function analysisSection(options: BenchOptions, python: string | undefined): Promise<string> {
  const coresOfOthers = watchOthers();
  const cases = (["small", "large"] as const).map((size) => prepareCase(options, size));
  const open = await inEngine("open", prepareSparse(options));
  const peak = python === undefined ? undefined : await gemmPeak(python, options.threads);
  const measured: Measured[] = [];
  for (const subject of cases) measured.push(await measureCase(subject, { threads: options.threads, python, log }));
  const table = renderRows([openRow(open), ...measured.flatMap((one) => caseRows(one, peak))]);
  const facts = factLines({
    command: "npm run bench -- --only analysis",
    version: programVersion,
    threads: options.threads,
    others: coresOfOthers(),
    lines: [`reference: ${referenceLine(measured)}`, `gemm peak with as many threads: ${peakLine(peak)}`],
  });
  return `${facts}\n\n${table}\n\n${ANALYSIS_NOTES}\n`;
}

const SCORING_NOTES = `What the figures mean:

- A checkpoint of the true Qwen2.5-0.5B shape with its embeddings, seeded, in bf16; page cache warm; float32 on the CPU.
- Product and transformers score the same requests in batches of up to 2048 padded tokens, by turns; the median counts.
  Opening or loading the model does not. Tokens are those of the distinct inputs: what the product does not run because
  inputs begin alike counts as scored.
- transformers runs equal inputs once and takes the softmax over all logits of a batch, as lm-evaluation-harness does.
- Memory is the largest anonymous and shared memory seen at ${1000 / 20} looks a second, of all processes.`;

async function scoringSection(options: BenchOptions, python: string | undefined): Promise<string> {
  const coresOfOthers = watchOthers();
  const { threads, turns } = options;
  const model = prepareScoring(options);
  const measured = await measureScoring({ model, vocabulary: SCORING_VOCABULARY, threads, turns, python, log });
  const facts = factLines({
    command: "npm run bench -- --only scoring",
    version: programVersion,
    threads,
    others: coresOfOthers(),
    lines: [`reference: ${measured.reference[0]?.versions ?? "none"}`, `layers: ${options.layers.small} of 24`],
  });
  return `${facts}\n\n${renderRows(scoringRows(measured))}\n\n${SCORING_NOTES}\n`;
}

const THEORY_NOTES = `What the figures mean:

- The hardest point of figure 1a: k = d = 100, n = 953, σ 12, a shift of rank 4, LoRA of ranks 1, 2, 4 and 8. The product
  gives the risk at all ranks from one decomposition per data set; the textbook code draws X, decomposes once per rank and
  takes pseudoinverses. It runs 25 data sets, on one thread and on as many as the product has; the faster counts, and its
  time is multiplied. Neither Python's start nor the loading of numpy counts.
- Curve and heat map go through the addon as the app's questions do, JSON included.`;

async function theorySection(options: BenchOptions, python: string | undefined): Promise<string> {
  const coresOfOthers = watchOthers();
  const { threads, turns } = options;
  const measured = await measureTheory({ threads, turns, python, log });
  const facts = factLines({
    command: "npm run bench -- --only theory",
    version: programVersion,
    threads,
    others: coresOfOthers(),
    lines: [`reference: ${measured.numpy === undefined ? "none" : `numpy ${measured.numpy}`}`],
  });
  return `${facts}\n\n${renderRows(theoryRows(measured))}\n\n${THEORY_NOTES}\n`;
}

const sections = { analysis: analysisSection, scoring: scoringSection, theory: theorySection };

async function measureAll(options: BenchOptions): Promise<void> {
  const python = options.reference ? findPython(["torch", "safetensors"]) : undefined;
  log(`checkpoints in ${options.folder}`);
  const fresh = new Map<Part, string>();
  for (const part of options.parts) fresh.set(part, await sections[part](options, python));
  console.log(mergeSections("", fresh));
  if (!options.write) return;
  const document = existsSync(documentFile) ? readFileSync(documentFile, "utf8") : "";
  writeFileSync(documentFile, mergeSections(document, fresh));
}

const options = readOptions();
if (options) await measureAll(options);
else console.log(HELP);
