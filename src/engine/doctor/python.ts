/** Python and the packages that fine-tuning needs; analysing needs none of them. */
import type { DoctorLine } from "../../contract/api.ts";
import type { TrainingEnvironment } from "../../contract/domain/training.ts";
import type { ErrorDocument } from "../../contract/errors.ts";
import { formatBytes } from "../../contract/format.ts";
import { recentEnvironment } from "../training/environment/find.ts";
import { candidates, originWords } from "../training/environment/interpreters.ts";
import { spaceForManaged } from "../training/environment/prepare.ts";

/** @param setting the interpreter that the user chose; found by itself when left out */
export async function checkPython(setting?: string): Promise<DoctorLine[]> {
  const environment = await recentEnvironment(setting);
  if (environment.ready) return readyLines(environment, setting);
  const space = setting === undefined ? await spaceLine() : [];
  return [
    ...versionLine(environment),
    ...environment.problems.filter(({ code }) => code !== "python.wrong-build").map(problemLine),
    ...space,
  ];
}

/** With who named the interpreter: where two do, which of them counts. */
export function readyLines(
  { python, managed, packages }: Pick<TrainingEnvironment, "python" | "managed" | "packages">,
  setting: string | undefined,
  variables: NodeJS.ProcessEnv = process.env,
): DoctorLine[] {
  const { python: version, ...others } = packages;
  const [{ origin = "path" } = {}] = candidates(setting, variables);
  const by = managed ? "the managed environment" : originWords(origin);
  const unused =
    setting !== undefined && variables.DELTASCOPE_PYTHON ? "; DELTASCOPE_PYTHON is set too, and not used" : "";
  const which = by === undefined ? python : `${python}, ${by}${unused}`;
  const installed = Object.entries(others).map(([name, number]) => `${name} ${number}`);
  return [
    { check: "Python", status: "ok", detail: `${version} (${which})` },
    { check: "Packages", status: "ok", detail: installed.join(", ") },
  ];
}

/** Only where the packages are what it lacks: else the Python itself is the problem. */
function versionLine({ packages: { python }, problems }: TrainingEnvironment): DoctorLine[] {
  const isUsable = problems.every(({ code }) => code === "python.packages" || code === "python.wrong-build");
  return python === undefined || !isUsable ? [] : [{ check: "Python", status: "ok", detail: python }];
}

/** Never "missing": only fine-tuning needs it. */
function problemLine({ code, message, tip }: ErrorDocument): DoctorLine {
  const check = code === "python.packages" ? "Packages" : "Python";
  const remedy = `Only fine-tuning needs it. ${tip ?? ""}`.trim();
  return { check, status: "warning", detail: message, remedy };
}

/** Said only while there is something to install. */
async function spaceLine(): Promise<DoctorLine[]> {
  const { free, needed, folder } = await spaceForManaged();
  const line = {
    check: "Disk for Python",
    detail: `${formatBytes(free)} free in ${folder}, ${formatBytes(needed)} needed`,
  };
  if (free >= needed) return [{ ...line, status: "ok" }];
  const remedy = "Free some space, or name a Python that has the packages with DELTASCOPE_PYTHON.";
  return [{ ...line, status: "warning", remedy }];
}
