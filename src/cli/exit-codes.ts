/** The numbers that the process ends with (docs: command line contract). */
import type { ErrorCode } from "../contract/errors.ts";

export const exitCodes = { done: 0, failed: 1, usage: 2, gateExceeded: 3, cancelled: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export function exitCodeOf(code: ErrorCode): ExitCode {
  if (code === "usage.invalid") return exitCodes.usage;
  return code === "job.cancelled" ? exitCodes.cancelled : exitCodes.failed;
}
