/** What a user can set; kept in the workspace. */
import { z } from "zod";
import { givenKeys } from "./key-commands.ts";

const fields = {
  threads: z.number().int().min(1).nullable(),
  memoryBytes: z.number().int().positive().nullable(),
  theme: z.enum(["system", "light", "dark"]),
  density: z.enum(["compact", "comfortable"]),
  decimalSign: z.enum([".", ","]),
  /** "more" shows one more significant digit. */
  digits: z.enum(["standard", "more"]),
  singleKeys: z.boolean(),
  /** Commands that the user gave another key. */
  keys: givenKeys,
  demoDismissed: z.boolean(),
  /** Full path of the interpreter that fine-tunes run on; null finds one. */
  python: z.string().max(4096).nullable(),
  /** What becomes of fine-tunes that start from now on when the app closes or crashes. */
  trainingsAtClose: z.enum(["save-and-stop", "keep-training"]),
  /** Fine-tunes that the end of the app stopped go on when it is opened again; else they wait to be resumed. */
  resumeTrainings: z.boolean(),
  /** "request" asks the Hugging Face Hub for models that the user names, and for nothing else. */
  network: z.enum(["off", "request"]),
};

export const settings = z.object(fields);
/** What `workspace.configure` takes: any part of the settings. */
export const settingsChange = z.object(fields).partial();

export const defaultSettings: z.infer<typeof settings> = {
  threads: null,
  memoryBytes: null,
  theme: "system",
  density: "compact",
  decimalSign: ".",
  digits: "standard",
  singleKeys: true,
  keys: {},
  demoDismissed: false,
  python: null,
  trainingsAtClose: "save-and-stop",
  resumeTrainings: false,
  network: "request",
};
export type Settings = z.infer<typeof settings>;

export const workspaceInfo = z.object({
  folder: z.string(),
  name: z.string(),
  version: z.string(),
  /** What the next analysis uses, by the settings or by default. */
  threads: z.number().int(),
  memoryBytes: z.number(),
  /** What the machine has. */
  machine: z.object({ threads: z.number().int(), memoryBytes: z.number() }),
  /** Modules, runs and bytes of the database. */
  databaseBytes: z.number(),
  /** Whether anything was ever opened here. */
  empty: z.boolean(),
  /** Set while a copy is shown of a workspace that another process holds; nothing can be changed in it. */
  copy: z.object({ copiedAt: z.string() }).nullable(),
});
export type WorkspaceInfo = z.infer<typeof workspaceInfo>;
