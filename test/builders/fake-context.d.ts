/** A command line context whose streams are strings. */
import type { CliContext, TextOutput } from "../../src/cli/context.ts";
import { type FakeAnswers } from "./fake-engine.ts";

interface Recorder extends TextOutput {
  text: string;
}
export interface FakeContext extends CliContext {
  stdout: Recorder;
  stderr: Recorder;
  /** Presses Ctrl-C. */
  interrupt(): void;
  endedWith: number | undefined;
}
export declare function fakeContext(
  answers?: FakeAnswers,
  choice?: {
    columns?: number;
    environment?: Record<string, string>;
    workingFolder?: string;
  },
): FakeContext;
