/** A trainer that works, whichever way it is watched: `process.ts` over its pipes, `follow-trainer.ts` by its files. */
import type { TrainerEvent } from "../../contract/domain/training.ts";
import type { FinalEvent, Outcome } from "./ending.ts";

/** Milliseconds. */
export interface TrainerPatience {
  /** From the start to `hello`, which comes before the heavy imports; several processes are launched by one with them. */
  hello: number;
  /** From one step of stopping to the next: line, SIGTERM, SIGKILL. */
  stop: number;
  /** Without a line before `trainer.stalled` is said. */
  quiet: number;
  /** The same while it loads, tokenizes or saves. */
  quietWork: number;
}

export const usualPatience: TrainerPatience = { hello: 20_000, stop: 30_000, quiet: 60_000, quietWork: 300_000 };

/** More events than this waiting for their reader, and reading on waits for it. */
export const mostWaiting = 1000;

export interface TrainerExit extends Omit<Outcome, "state"> {
  /** Left: it goes on, and nobody watches it from here any more. */
  state: Outcome["state"] | "left";
  code: number | null;
  signal: NodeJS.Signals | null;
  /** `done`, `cancelled` or `error`; undefined where it ended without. */
  last: FinalEvent | undefined;
}

export interface TrainerProcess {
  pid: number | undefined;
  /**
   * Its lines, and warnings of this side: `protocol.*` for what was no line, `trainer.stalled` after too long a
   * silence. For one reader, who must read to the end: reading on waits for a slow one. Never throws.
   */
  events: AsyncIterable<TrainerEvent>;
  /** Stops after the current step; what does not obey within 30 s gets SIGTERM, after 30 s more SIGKILL. */
  cancel(save: boolean): void;
  /** Saves now and goes on. */
  checkpoint(): void;
  /**
   * Stops watching one that may outlive this program, unless it was asked to stop: its events end, and its exit is
   * `left`. Nothing happens to others.
   */
  leave(): void;
  /** Never rejects. */
  exit: Promise<TrainerExit>;
  /** The last 200 lines of standard error. */
  log(): Promise<string[]>;
}
