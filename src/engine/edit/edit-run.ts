/** What a verb of editing is given, and what it gives back. */
import type { Alert } from "../../contract/alerts.ts";
import type { ArmOutcome } from "../../contract/domain/edit.ts";
import type { WrittenFile, WrittenModuleReport } from "./report.ts";
import type { EditListener, EditServices } from "./services.ts";

/** Everything a verb needs of its caller. */
export interface EditRun {
  services: EditServices;
  listener: EditListener;
  signal: AbortSignal | undefined;
}

/** What a verb wrote; the document is made of it. */
export interface Written {
  kind: "adapter" | "full";
  /** Absolute. */
  folder: string;
  dtype: string;
  files: WrittenFile[];
  modules: WrittenModuleReport[];
  /** Modules that an intervention changes; undefined for other edits. */
  edited?: number;
  arms: ArmOutcome[];
  alerts: Alert[];
  /** The base that was used; undefined where none is needed. */
  base: string | undefined;
}
