/** A comparison of chosen runs as the content of a file, for windows that save by themselves. */
import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ExportFormat } from "../../contract/api.ts";
import type { AnalysisDocument } from "../../contract/domain/analysis.ts";
import type { AppRun } from "../../contract/domain/cells.ts";
import { documentText } from "../../contract/json.ts";
import { numberedLabels } from "../../contract/numbered-labels.ts";
import { renderReport } from "../report/html.ts";
import { analysesDocument } from "../report/stored-document.ts";
import type { Store } from "../store/types.ts";

export interface RenderedFile {
  name: string;
  mime: string;
  content: string;
  /** `content` is base64. */
  base64: boolean;
}

const MIME_TYPES: Record<ExportFormat, string> = {
  json: "application/json",
  html: "text/html",
  csv: "text/csv",
  parquet: "application/vnd.apache.parquet",
};

export interface RenderServices {
  store: Store;
  /** Of the workspace, where tables are written before they are read back. */
  folder: string;
  /** Adds what other parts of the workspace know of the runs. */
  complete(document: AnalysisDocument): Promise<AnalysisDocument>;
}

/**
 * @throws DeltaScopeError `usage.invalid` when the runs of a document have different bases
 */
export async function renderRuns(
  { store, folder, complete }: RenderServices,
  runs: readonly AppRun[],
  format: ExportFormat,
): Promise<RenderedFile> {
  const labels = numberedLabels(runs.map(({ label }) => label));
  const members = runs.map(({ analysis, path }, index) => ({ analysis, path, label: labels[index] ?? "" }));
  const file = { name: `${fileName(labels)}.${format}`, mime: MIME_TYPES[format] };
  if (format === "csv" || format === "parquet") {
    const bytes = await writtenTable(store, members, format, folder);
    const base64 = format === "parquet";
    return { ...file, content: bytes.toString(base64 ? "base64" : "utf8"), base64 };
  }
  const document = await complete(await analysesDocument(store, members));
  const content = format === "json" ? documentText(document) : renderReport(document, await store.pins());
  return { ...file, content, base64: false };
}

async function writtenTable(
  store: Store,
  members: Parameters<Store["exportAnalyses"]>[0],
  format: "csv" | "parquet",
  folder: string,
): Promise<Buffer> {
  const file = join(folder, `render-${randomUUID()}.${format}`);
  try {
    await store.exportAnalyses(members, format, file);
    return await readFile(file);
  } finally {
    await rm(file, { force: true });
  }
}

/** Labels named in a file name, and the longest such name: file systems allow 255 bytes. */
const mostNamed = 3;
const longestName = 100;

/** `deltascope-fft-lora-r4`: letters that any file system and shell takes. */
function fileName(labels: readonly string[]): string {
  const words = labels.length > mostNamed ? [`${labels.length}-runs`] : labels;
  const plain = words.map((word) => word.replace(/[^A-Za-z0-9._-]+/g, "-"));
  return ["deltascope", ...plain].join("-").slice(0, longestName);
}
