/** A base and a tuned checkpoint whose exact analysis takes seconds, so that there is something to cancel. */
import { join } from "node:path";
import { type AnalysisSpec, analysisSettings } from "../../src/contract/domain/analysis.ts";
import { writeCheckpoint } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";

const shape = { layers: 6, hidden: 384, intermediate: 512, keyValue: 192, vocabulary: 64, biases: false };

export function slowSpec(): AnalysisSpec {
  const folder = temporaryFolder("slow pair");
  const base = writeCheckpoint(join(folder, "base"), { shape, seed: 1 });
  const tuned = writeCheckpoint(join(folder, "tuned"), { shape, seed: 2 });
  const settings = analysisSettings.parse({ exact: true, side: "both" });
  return { base, tuned: [{ label: "tuned", path: tuned }], settings, embeddings: false, threads: 1 };
}
