/** A Python that can train, for the stories that need one. */
import { hasPython, noPython, python } from "../../builders/trainer-python.ts";

/** Undefined where none can train, which is said. */
export function trainingPython(): string | undefined {
  if (!hasPython) console.log(`Skipped: ${noPython}`);
  return hasPython ? python : undefined;
}
