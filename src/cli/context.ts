/** What a command may touch of the outside world; tests hand in their own. */
import type { ContractRouterClient } from "@orpc/contract";
import type { Contract } from "../contract/api.ts";
import type { Engine } from "../engine/engine.ts";

export type EngineClient = ContractRouterClient<Contract>;

/** The engine in this process, behind the contract. */
export interface EngineHandle {
  client: EngineClient;
  /** For a server: answers callers in other processes. */
  connect: Engine["connect"];
  close(): Promise<void>;
}

/** A stream of text that knows whether people read it live. */
export interface TextOutput {
  /** Resolves when the text has left the process or nobody reads any more. Standard output throws `output.unwritable`. */
  write(text: string): Promise<void>;
  isTerminal: boolean;
  /** Width in columns; undefined when the output is not a terminal. */
  columns: number | undefined;
}

export interface CliContext {
  /** Opens nothing by itself: workspace and addon come to life with the first question that needs them. */
  openEngine(options: { workspace?: string | undefined; roots?: readonly string[] | undefined }): Promise<EngineHandle>;
  /** Documents and tables, nothing else. */
  stdout: TextOutput;
  /** Progress, notes and errors. */
  stderr: TextOutput;
  /**
   * One line of standard input; a terminal asks for it with `prompt` and does not show what is typed.
   * @throws DeltaScopeError `job.cancelled` after Ctrl-C
   */
  readSecret(prompt: string): Promise<string>;
  environment: Readonly<Record<string, string | undefined>>;
  workingFolder: string;
  /** Where `npm run build` puts the app. */
  appFolder: string;
  /** Calls back at each Ctrl-C (or request to end); returns how to stop listening. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the process at once, for the second Ctrl-C. */
  endNow(exitCode: number): void;
}
