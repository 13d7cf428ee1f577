/** Which Python trains, what it has, and what it lacks, each with the command that mends it. */
import { join } from "node:path";
import type { TrainingEnvironment } from "../../../contract/domain/training.ts";
import { DeltaScopeError, type ErrorCode, type ErrorDocument } from "../../../contract/errors.ts";
import { quote } from "../../source/quote.ts";
import { type Card, currentDevices, listCards } from "../devices.ts";
import { trainerFolder } from "../process-variables.ts";
import { type Candidate, candidates, type Interpreter, identify, isRecent, originWords } from "./interpreters.ts";
import { type Probe, probeInterpreter } from "./probe.ts";
import { requirementsFile } from "./requirements.ts";

export interface FindOptions {
  /** The interpreter that the user set, or asks about. */
  setting?: string | undefined;
  /** Ask again what is remembered. */
  refresh?: boolean | undefined;
  environment?: NodeJS.ProcessEnv | undefined;
  /** Folder of remembered answers. */
  folder?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Long enough for a form that asks with every letter; packages are not installed that fast. */
const rememberedFor = 20_000;
let remembered: { setting: string | undefined; at: number; answer: Promise<TrainingEnvironment> } | undefined;

/** What was found a moment ago, else what is found now. */
export function recentEnvironment(setting: string | undefined): Promise<TrainingEnvironment> {
  const now = Date.now();
  if (remembered && remembered.setting === setting && now - remembered.at < rememberedFor) return remembered.answer;
  remembered = { setting, at: now, answer: findEnvironment({ setting }) };
  return remembered.answer;
}

/** The first one that is ready, else the one that lacks least. Nothing is installed. */
export async function findEnvironment(options: FindOptions = {}): Promise<TrainingEnvironment> {
  if (options.refresh) remembered = undefined;
  const tried = candidates(options.setting, options.environment);
  const [found, cards] = await Promise.all([identifyAll(tried), listCards()]);
  // Importing torch into one that lacks it takes long and says nothing new: the most complete ones go first.
  const ordered = [...found].sort((a, b) => missingPackages(a).length - missingPackages(b).length);
  const [best] = ordered;
  if (best === undefined) return notFound(tried, cards);
  return describe(best, await probeIfComplete(best, options), cards);
}

/** Those that exist; several names often are one interpreter. */
async function identifyAll(tried: readonly Candidate[]): Promise<Interpreter[]> {
  const found = (await Promise.all(tried.map(identify))).filter((interpreter) => interpreter !== undefined);
  const first = new Map([...found].reverse().map((interpreter) => [interpreter.hash, interpreter]));
  return found.filter((interpreter) => first.get(interpreter.hash) === interpreter);
}

/** Direct packages of the trainer. */
export const neededPackages = [
  ...["torch", "transformers", "peft", "accelerate", "tokenizers", "safetensors", "pydantic", "pyarrow", "psutil"],
];

function missingPackages({ distributions, version }: Interpreter): string[] {
  const missing = neededPackages.filter((name) => !distributions.has(name));
  return isRecent(version) ? missing : ["python", ...neededPackages];
}

async function probeIfComplete(
  interpreter: Interpreter,
  { refresh = false, folder, signal }: FindOptions,
): Promise<{ probe: Probe | undefined; complaint: string }> {
  if (missingPackages(interpreter).length > 0) return { probe: undefined, complaint: "" };
  return probeInterpreter(interpreter, { refresh, folder, signal });
}

function describe(
  interpreter: Interpreter,
  { probe, complaint }: { probe: Probe | undefined; complaint: string },
  cards: readonly Card[],
): TrainingEnvironment {
  const problems = [...interpreterProblems(interpreter), ...probeProblems(interpreter, probe, complaint)];
  const fatal = problems.filter(({ code }) => code !== "python.wrong-build");
  return {
    python: fatal.length === 0 ? interpreter.python : null,
    managed: interpreter.origin === "managed",
    ready: fatal.length === 0,
    packages: packagesOf(interpreter, probe),
    devices: currentDevices(probe?.devices, cards),
    problems: [...problems, ...buildProblems(interpreter, probe, cards)],
  };
}

function packagesOf({ distributions, version }: Interpreter, probe: Probe | undefined): Record<string, string> {
  const known = [...neededPackages, "bitsandbytes"].flatMap((name) => {
    const installed = distributions.get(name);
    return installed === undefined ? [] : [[name, installed] as const];
  });
  return { python: version, ...Object.fromEntries(known), ...probe?.versions };
}

function interpreterProblems(interpreter: Interpreter): ErrorDocument[] {
  const { python, version } = interpreter;
  if (!isRecent(version)) {
    const message = `${named(interpreter)} is Python ${version}; 3.10 or later is needed.`;
    return [problem("python.not-usable", message, python)];
  }
  const missing = missingPackages(interpreter);
  if (missing.length === 0) return [];
  return [
    problem("python.packages", `${named(interpreter)} lacks ${missing.join(", ")}.`, python, installCommand(python)),
  ];
}

/** The pinned set, without touching anything but this environment. */
function installCommand(python: string): string {
  const file = join(trainerFolder, requirementsFile({ nvidia: false }));
  return `Make the managed environment with \`deltascope doctor --prepare-python\`, or run: "${python}" -m pip install -r "${file}"`;
}

function probeProblems({ python, ...rest }: Interpreter, probe: Probe | undefined, complaint: string): ErrorDocument[] {
  if (missingPackages({ python, ...rest }).length > 0) return [];
  if (probe === undefined) {
    return [problem("python.packages", `${quote(python)} cannot start the trainer: ${complaint}`, python)];
  }
  return probe.problems.map(({ message }) =>
    problem("python.packages", `${quote(python)}: ${message}`, python, installCommand(python)),
  );
}

/** The driver sees a card, torch does not: the usual cause is a build of torch for processors only. */
function buildProblems({ python }: Interpreter, probe: Probe | undefined, cards: readonly Card[]): ErrorDocument[] {
  const [card] = cards;
  if (card === undefined || probe === undefined || probe.devices.some(({ kind }) => kind !== "cpu")) return [];
  const built = probe.torch_cuda ?? probe.torch_hip;
  const why = built === null ? "was built for processors only" : `was built for ${built} and does not see it`;
  const message = `The driver (${card.driver}) has ${quote(card.name)}, but torch of ${quote(python)} ${why}.`;
  return [problem("python.wrong-build", message, python)];
}

/** With who named it: what is to be mended is there. */
function named({ python, origin }: Candidate): string {
  const by = originWords(origin);
  return by === undefined ? quote(python) : `${quote(python)}, ${by},`;
}

function notFound(tried: readonly Candidate[], cards: readonly Card[]): TrainingEnvironment {
  const chosen = tried.find(({ origin }) => origin === "setting" || origin === "variable");
  const missing =
    chosen === undefined
      ? problem("python.missing", "No Python 3.10 or later was found on this machine.")
      : problem("python.not-usable", `${named(chosen)} is no Python that answers.`, chosen.python);
  const devices = currentDevices(undefined, cards);
  return { python: null, managed: false, ready: false, packages: {}, devices, problems: [missing] };
}

function problem(code: ErrorCode, message: string, where?: string, tip?: string): ErrorDocument {
  const document = new DeltaScopeError(code, message, where).toDocument();
  return tip === undefined ? document : { ...document, tip };
}

/**
 * The interpreter to train with, from what was found.
 * @throws DeltaScopeError with the first problem where none is ready
 */
export function requirePython({ python, problems }: TrainingEnvironment): string {
  if (python !== null) return python;
  const [first, ...more] = problems;
  const rest = more.length === 0 ? "" : ` ${more.map(({ message }) => message).join(" ")}`;
  const error = (tip: string): DeltaScopeError =>
    new DeltaScopeError(
      first?.code ?? "python.missing",
      `${first?.message ?? "No Python is ready."}${rest}${tip}`,
      first?.where,
    );
  // The code's own tip is told beside the message; a command for this very Python is not.
  const plain = error("");
  throw first?.tip === undefined || first.tip === plain.tip ? plain : error(` ${first.tip}`);
}
