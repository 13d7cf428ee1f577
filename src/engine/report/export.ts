/** Writes a stored analysis as a file in one of the formats that `--out` knows. */
import { stat } from "node:fs/promises";
import type { ExportFormat } from "../../contract/api.ts";
import type { AnalysisDocument } from "../../contract/domain/analysis.ts";
import { documentPieces } from "../../contract/json.ts";
import type { Store } from "../store/types.ts";
import { renderReport } from "./html.ts";
import { storedDocument } from "./stored-document.ts";
import { refuseToReplace, writeFileAtomically } from "./write-file.ts";

export interface ExportRequest {
  /** Id of the execution. */
  analysis: string;
  format: ExportFormat;
  /** Absolute path. */
  file: string;
  overwrite: boolean;
}

/**
 * @param complete adds what other parts of the workspace know of the runs
 * @throws DeltaScopeError `run.not-found`, `output.exists`, `output.unwritable`
 */
export async function exportAnalysis(
  store: Store,
  request: ExportRequest,
  complete: (document: AnalysisDocument) => Promise<AnalysisDocument>,
): Promise<{ file: string; bytes: number }> {
  const { analysis, format, file, overwrite } = request;
  await refuseToReplace(file, overwrite);
  if (format === "csv" || format === "parquet") {
    await store.exportModules(analysis, format, file);
    return { file, bytes: (await stat(file)).size };
  }
  const document = await complete(await storedDocument(store, analysis));
  const content = format === "json" ? documentPieces(document) : renderReport(document);
  return { file, bytes: await writeFileAtomically(file, content, overwrite) };
}
