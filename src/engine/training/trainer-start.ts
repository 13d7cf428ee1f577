/** What every start of a trainer has in common: its configuration in the run folder, its words, its environment. */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { devicesIn, type RunConfig } from "../../contract/domain/training.ts";
import { DeltaScopeError, thrownMessage } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";
import { writeWhole } from "../source/write-whole.ts";
import { onItsDevices, processVariables, pythonWords } from "./process-variables.ts";
import { type TrainerPatience, usualPatience } from "./trainer-process.ts";

export interface TrainerStart {
  /** Full path of the interpreter. */
  python: string;
  /** Paths in it are absolute. Its cards become the only ones that the process sees. */
  config: RunConfig;
  /** Made where needed; `config.json`, `stderr.log` and the trainer's note are written here, the rest is its own. */
  runFolder: string;
  resume: boolean;
  /** More variables of the environment. */
  environment?: Readonly<Record<string, string>> | undefined;
  patience?: Partial<TrainerPatience> | undefined;
}

/** Of `hello` where several processes train together. */
const launchPatience = 120_000;

export interface PreparedStart {
  words: string[];
  environment: NodeJS.ProcessEnv;
  patience: TrainerPatience;
}

/** @throws DeltaScopeError `output.unwritable` */
export async function prepareStart(start: TrainerStart): Promise<PreparedStart> {
  const { runFolder, config, resume } = start;
  const { device, variables } = onItsDevices(config.device);
  const file = await writeConfig(runFolder, { ...config, device });
  const usual = devicesIn(device).length > 1 ? { ...usualPatience, hello: launchPatience } : usualPatience;
  return {
    words: [...pythonWords, "run", file, "--out", runFolder, ...(resume ? ["--resume"] : [])],
    environment: processVariables({ ...variables, ...start.environment }),
    patience: { ...usual, ...start.patience },
  };
}

async function writeConfig(folder: string, config: RunConfig): Promise<string> {
  const file = join(folder, "config.json");
  await writeWhole(file, `${JSON.stringify(config, undefined, 2)}\n`);
  return file;
}

/** Once it runs. @throws why it could not be started */
export function spawned<Child extends ChildProcess>(child: Child): Promise<Child> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.once("spawn", () => resolve(child));
  });
}

export function notStarted(thrown: unknown, python: string): DeltaScopeError {
  const reason = thrownMessage(thrown);
  const message = `${quote(python)} could not be started: ${reason}`;
  return new DeltaScopeError("trainer.not-started", message, python, { cause: thrown });
}

export function silentStart({ python, runFolder }: TrainerStart, milliseconds: number): DeltaScopeError {
  const message = `The trainer started with ${quote(python)} gave no sign of life within ${milliseconds / 1000} s.`;
  return new DeltaScopeError("trainer.silent", message, runFolder);
}
