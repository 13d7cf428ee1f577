/** A Python that can train, for the stories that need one. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const needed = "import torch, transformers, peft";

/** DELTASCOPE_PYTHON, or the trainer's own environment in the user's cache; where neither can train that is said. */
export function trainingPython(): string | undefined {
  const python = findPython();
  if (python === undefined) console.log(`Skipped: ${howToTrain}.`);
  return python;
}

function findPython(): string | undefined {
  const usual = join(homedir(), ".cache/deltascope/trainer-venv/bin/python");
  const python = process.env.DELTASCOPE_PYTHON ?? (existsSync(usual) ? usual : undefined);
  if (python === undefined) return undefined;
  return spawnSync(python, ["-c", needed], { stdio: "ignore" }).status === 0 ? python : undefined;
}

export const howToTrain = "no Python with torch, transformers and peft: set DELTASCOPE_PYTHON";
