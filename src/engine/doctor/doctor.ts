/** What this machine has and lacks. Every check answers, whatever it finds: a doctor that fails helps nobody. */
import type { DoctorLine } from "../../contract/api.ts";
import { thrownMessage } from "../../contract/errors.ts";
import { defaultWorkspaceFolder } from "../workspace/workspace.ts";
import { checkDemo } from "./demo.ts";
import { checkGraphics } from "./graphics.ts";
import { checkAddon } from "./native.ts";
import { checkNode } from "./node.ts";
import { checkPython } from "./python.ts";
import { checkScoring } from "./scoring.ts";
import { checkStore } from "./store.ts";
import { checkDisk, checkWorkspace } from "./workspace.ts";

/**
 * @param workspace folder; the user's default one when left out. Nothing is created there.
 * @param python the interpreter that the user chose for fine-tunes; found by itself when left out
 */
export async function runDoctor(workspace?: string, python?: string): Promise<DoctorLine[]> {
  const folder = workspace ?? defaultWorkspaceFolder();
  const checks: [string, () => Promise<DoctorLine[]> | DoctorLine[]][] = [
    ["Node", checkNode],
    ["Native addon", checkAddon],
    ["Scoring runtime", checkScoring],
    ["Database", checkStore],
    ["Workspace", () => checkWorkspace(folder)],
    ["Disk", () => checkDisk(folder)],
    ["Demo", checkDemo],
    ["Python", () => checkPython(python)],
    ["GPU", () => checkGraphics(python)],
  ];
  const answers = await Promise.all(checks.map(([name, check]) => answer(name, check)));
  return answers.flat();
}

async function answer(check: string, look: () => Promise<DoctorLine[]> | DoctorLine[]): Promise<DoctorLine[]> {
  try {
    return await look();
  } catch (thrown) {
    const reason = thrownMessage(thrown);
    return [{ check, status: "warning", detail: `could not be checked: ${reason}` }];
  }
}
