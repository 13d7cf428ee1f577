/** The workspace: its settings, its cache and the demo. */
import { z } from "zod";
import { job } from "../domain/job.ts";
import { libraryItem } from "../domain/library.ts";
import { settings, settingsChange, workspaceInfo } from "../domain/settings.ts";
import { procedure } from "./procedure.ts";

/** Where the bundled demo was put, ready for `analysis.run`. */
export const demoCopy = z.object({
  folder: z.string(),
  base: z.string(),
  tuned: z.array(z.object({ label: z.string(), path: z.string() })),
});
export type DemoCopy = z.infer<typeof demoCopy>;

export const workspaceProcedures = {
  info: procedure.output(workspaceInfo),
  /**
   * Opens the workspace, or with `readOnly` a copy of it as it is now, to look at while another process holds it.
   * Where it is open already nothing changes, but a copy is taken anew.
   */
  open: procedure.input(z.object({ readOnly: z.boolean() })).output(workspaceInfo),
  /** What can be made again: merged checkpoints and the like. */
  cache: procedure.output(z.object({ bytes: z.number() })),
  /** @throws `cache.in-use` while a job runs. */
  clearCache: procedure.output(z.object({ bytes: z.number() })),
  settings: procedure.output(settings),
  configure: procedure.input(settingsChange).output(settings),
  /** Copies the demo into the workspace where needed, adds it to the library and queues its analysis. */
  openDemo: procedure.output(z.object({ items: z.array(libraryItem), job: job.nullable() })),
};
