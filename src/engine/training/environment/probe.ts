/** Asks a Python, by the trainer's own code, what it can train on; importing torch takes seconds, so it is asked once. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { trainingDevice } from "../../../contract/domain/training.ts";
import { parsedJson } from "../../../contract/json.ts";
import { writeWhole } from "../../source/write-whole.ts";
import { askProgram, lastWords } from "../ask-program.ts";
import { processVariables, pythonWords, trainerFolder } from "../process-variables.ts";
import type { Interpreter } from "./interpreters.ts";
import { cacheFolder } from "./managed-folder.ts";

/** The trainer's line `probe`. Later fields are ignored. */
const probeLine = z.object({
  v: z.literal(1),
  type: z.literal("probe"),
  version: z.string(),
  python: z.string(),
  versions: z.record(z.string(), z.string()),
  missing: z.array(z.string()),
  devices: z.array(trainingDevice),
  torch_cuda: z.string().nullable(),
  torch_hip: z.string().nullable(),
  methods: z.array(z.string()),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type Probe = z.infer<typeof probeLine>;

/** Of a cold disk, with a driver that wakes up. */
const patience = 120_000;
/** Environments that are remembered, the newest last. */
const keptProbes = 16;
const probesFile = "python-probes.json";
const longestProbes = 2 ** 20;
const storedProbes = z.array(z.object({ hash: z.string(), probe: probeLine }));

export interface ProbeAnswer {
  probe: Probe | undefined;
  /** Why there is none, in the words of Python. */
  complaint: string;
}

export interface ProbeOptions {
  /** Ask again although it is remembered. */
  refresh: boolean;
  signal?: AbortSignal | undefined;
  /** Where answers are remembered. */
  folder?: string | undefined;
}

export async function probeInterpreter(interpreter: Interpreter, options: ProbeOptions): Promise<ProbeAnswer> {
  const folder = options.folder ?? cacheFolder();
  const known = await readProbes(folder);
  const remembered = known.find(({ hash }) => hash === interpreter.hash);
  if (remembered && !options.refresh) return { probe: remembered.probe, complaint: "" };
  const answer = await askProbe(interpreter.python, options.signal);
  if (answer.probe) {
    const others = known.filter(({ hash }) => hash !== interpreter.hash);
    await keepProbes(folder, [...others, { hash: interpreter.hash, probe: answer.probe }].slice(-keptProbes));
  }
  return answer;
}

export async function askProbe(python: string, signal?: AbortSignal): Promise<ProbeAnswer> {
  const { output, complaint, timedOut } = await askProgram({
    ...{ program: python, words: [...pythonWords, "probe"], patience, signal },
    ...{ environment: processVariables(), folder: trainerFolder },
  });
  if (timedOut) return { probe: undefined, complaint: `no answer within ${patience / 1000} s` };
  const probe = output
    .split("\n")
    .map(readLine)
    .find((line) => line !== undefined);
  return { probe, complaint: probe ? "" : lastWords(complaint) };
}

function readLine(line: string): Probe | undefined {
  return probeLine.safeParse(parsedJson(line)).data;
}

async function readProbes(folder: string): Promise<z.infer<typeof storedProbes>> {
  const text = await readFile(join(folder, probesFile), "utf8").catch(() => "");
  return text.length > longestProbes ? [] : (storedProbes.safeParse(parsedJson(text)).data ?? []);
}

/** What cannot be remembered is asked again the next time. */
async function keepProbes(folder: string, probes: z.infer<typeof storedProbes>): Promise<void> {
  // A folder that cannot be written is reported by whoever needs it.
  await writeWhole(join(folder, probesFile), JSON.stringify(probes)).catch(() => undefined);
}
