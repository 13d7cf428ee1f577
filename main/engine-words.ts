/** What main and the engine's process say to each other, beside the ports. */
export interface EngineStart {
  /** Folder of the workspace; the user's default one when left out. */
  workspace?: string | undefined;
  /** Folders that may be opened. */
  roots?: string[] | undefined;
}

/** Ends the engine: running jobs are cancelled, what they finished is kept. */
export type EngineWord = "stop";
