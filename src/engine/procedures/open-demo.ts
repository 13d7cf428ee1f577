/** The bundled demo, one click away: copied, in the library, and its analysis under way where it is not stored yet. */
import { join } from "node:path";
import { type AnalysisSpec, analysisSettings } from "../../contract/domain/analysis.ts";
import type { Job } from "../../contract/domain/job.ts";
import type { LibraryItem } from "../../contract/domain/library.ts";
import { copyDemo } from "../demo/demo.ts";
import type { Opened } from "./services.ts";

/** Calling it again changes nothing: copies are kept, items are known, stored results are not computed again. */
export async function openDemo(opened: Opened): Promise<{ items: LibraryItem[]; job: Job | null }> {
  const { workspace, library, queue } = opened;
  const demo = await copyDemo(join(workspace.folder, "demo"));
  const items = await library.add([demo.base, ...demo.tuned.map(({ path }) => path)]);
  const [base, ...tuned] = items;
  if (!base) return { items, job: null };
  const isStored = (item: LibraryItem): boolean =>
    item.analysis !== null && item.analysis.modules >= item.analysis.total;
  if (tuned.every(isStored)) return { items, job: null };
  const spec: AnalysisSpec = {
    base: base.path,
    tuned: tuned.map(({ label, path }) => ({ label, path })),
    settings: analysisSettings.parse({}),
    embeddings: false,
  };
  return { items, job: queue.start({ kind: "analysis", spec }) };
}
