/** A command line context whose streams are strings. */
import type { CliContext, TextOutput } from "../../src/cli/context.ts";
import { type FakeAnswers, fakeEngine } from "./fake-engine.ts";

interface Recorder extends TextOutput {
  text: string;
}

function recorder(columns: number | undefined): Recorder {
  const output: Recorder = {
    text: "",
    isTerminal: columns !== undefined,
    columns,
    write: async (text) => {
      output.text += text;
    },
  };
  return output;
}

export interface FakeContext extends CliContext {
  stdout: Recorder;
  stderr: Recorder;
  /** Presses Ctrl-C. */
  interrupt(): void;
  endedWith: number | undefined;
}

export function fakeContext(
  answers: FakeAnswers = {},
  choice: {
    columns?: number;
    typed?: string;
    environment?: Record<string, string>;
    workingFolder?: string;
    appFolder?: string;
  } = {},
): FakeContext {
  const listeners = new Set<() => void>();
  const context: FakeContext = {
    openEngine: fakeEngine(answers),
    stdout: recorder(choice.columns),
    stderr: recorder(choice.columns),
    readSecret: async () => choice.typed ?? "",
    environment: choice.environment ?? {},
    workingFolder: choice.workingFolder ?? "/nowhere",
    appFolder: choice.appFolder ?? "/nowhere",
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    endNow: (exitCode) => {
      context.endedWith = exitCode;
    },
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    endedWith: undefined,
  };
  return context;
}
