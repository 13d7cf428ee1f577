/** Notices that a trainer says nothing any more; nothing is ended for it. */
import type { TrainerEvent } from "../../contract/domain/training.ts";
import { readerWarning } from "./protocol.ts";

/** These phases may take minutes without a line. */
const longPhases = new Set(["load", "tokenize", "save"]);

export interface SilenceWatch {
  heard(event: TrainerEvent): void;
  saidHello(): boolean;
  stop(): void;
}

/** @param patience milliseconds without a line; @param report gets one warning for each silence */
export function watchSilence(
  patience: { quiet: number; quietWork: number },
  report: (warning: TrainerEvent) => void,
): SilenceWatch {
  let phase = "import";
  let seq = 0;
  let hello = false;
  let timer: NodeJS.Timeout | undefined;
  const limit = (): number => (longPhases.has(phase) ? patience.quietWork : patience.quiet);
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => report(stalled(phase, limit(), seq)), limit());
  };
  wait();
  return {
    heard(event) {
      seq = event.seq;
      hello ||= event.type === "hello";
      if (event.type === "heartbeat") phase = event.phase;
      wait();
    },
    saidHello: () => hello,
    stop: () => clearTimeout(timer),
  };
}

function stalled(phase: string, milliseconds: number, seq: number): TrainerEvent {
  const message = `No line for ${Math.round(milliseconds / 1000)} s (${phase}).`;
  return readerWarning("trainer.stalled", message, { seq, t: Date.now() / 1000 });
}
