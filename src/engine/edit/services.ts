/** What edits work with. */
import type { Alert } from "../../contract/alerts.ts";
import type { Progress } from "../../contract/progress.ts";
import type { Backend } from "../linalg/backend.ts";
import type { EditBackend } from "../linalg/edit-backend.ts";
import type { Store } from "../store/types.ts";

export interface EditServices {
  /** Decides which vectors are intruders where the store does not know it. */
  backend: Backend;
  edits: EditBackend;
  /** Stored analyses; measured anew where left out. */
  store?: Store | undefined;
  /** The workspace's cache folder: factors and merged checkpoints of variants. */
  cache: string;
  threads: number;
}

/** What long work tells on its way. */
export interface EditListener {
  progress(progress: Progress): void;
  alert(alert: Alert): void;
}

/** For work that nobody watches. */
export const silentListener: EditListener = { progress: () => undefined, alert: () => undefined };
