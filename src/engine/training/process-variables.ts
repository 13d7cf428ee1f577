/** The environment of a trainer (trainer/PROTOCOL.md), and where the trainer lies. */
import { join } from "node:path";
import { devicesIn } from "../../contract/domain/training.ts";
import { withoutTokens } from "../hub/access.ts";
import { programFolder } from "../program-folder.ts";

/** Holds the package `deltascope_trainer`. */
export const trainerFolder = join(programFolder, "trainer");

/** Unbuffered lines, and no packages of the user's own folder. */
export const pythonWords = ["-u", "-s", "-m", "deltascope_trainer"] as const;

const settings: Readonly<Record<string, string>> = {
  PYTHONHASHSEED: "0",
  // As -P, which Python 3.10 does not know: the current folder is not searched for packages.
  PYTHONSAFEPATH: "1",
  PYTHONPATH: trainerFolder,
  PYTHONIOENCODING: "utf-8",
  TOKENIZERS_PARALLELISM: "false",
  HF_HUB_OFFLINE: "1",
  TRANSFORMERS_OFFLINE: "1",
  HF_HUB_DISABLE_TELEMETRY: "1",
  OMP_WAIT_POLICY: "passive",
  ...(process.platform === "linux" ? { PYTORCH_ALLOC_CONF: "expandable_segments:True" } : {}),
};

/** What would make Python look for its packages elsewhere. */
const misleading = ["PYTHONHOME", "PYTHONSTARTUP", "PYTHONINSPECT"];

export function processVariables(
  more: Readonly<Record<string, string>> = {},
  inherited: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const kept = Object.entries(withoutTokens(inherited)).filter(([name]) => !misleading.includes(name));
  return { ...Object.fromEntries(kept), ...settings, ...more };
}

/**
 * The trainer sees its graphics cards only, which are then the first ones. A configuration is the same on whichever
 * cards it runs, so a run can be resumed on others.
 */
export function onItsDevices(
  device: string,
  inherited: NodeJS.ProcessEnv = process.env,
): { device: string; variables: Record<string, string> } {
  if (/^cpu(:|$)/.test(device)) return { device, variables: { CUDA_VISIBLE_DEVICES: "" } };
  if (!device.startsWith("cuda:")) return { device, variables: {} };
  // The list may be limited already, as clusters do; then the numbers count within it.
  const visible = inherited.CUDA_VISIBLE_DEVICES?.split(",").map((name) => name.trim());
  const numbers = devicesIn(device).map((card) => card.slice("cuda:".length));
  const names = numbers.map((number) => visible?.[Number(number)] ?? number);
  const seen = `cuda:${names.map((_, index) => index).join(",")}`;
  return { device: seen, variables: { CUDA_VISIBLE_DEVICES: names.join(",") } };
}
