/** A Python that can train, for the stories that need one. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const needed = "import torch, transformers, peft";

/** DELTASCOPE_PYTHON, or the trainer's own environment in the user's cache; undefined where neither can train. */
export function trainingPython(): string | undefined {
  const usual = join(homedir(), ".cache/deltascope/trainer-venv/bin/python");
  const python = process.env.DELTASCOPE_PYTHON ?? (existsSync(usual) ? usual : undefined);
  if (python === undefined) return undefined;
  return spawnSync(python, ["-c", needed], { stdio: "ignore" }).status === 0 ? python : undefined;
}

export const howToTrain = "no Python with torch, transformers and peft: set DELTASCOPE_PYTHON";
