/** Python and the packages that fine-tuning needs; analysing needs none of them. */
import type { DoctorLine } from "../../contract/api.ts";
import { probe } from "./probe.ts";

const packages = ["torch", "transformers", "peft", "accelerate", "safetensors"];
const programs = process.platform === "win32" ? ["python", "py"] : ["python3", "python"];
const isolated = ["-I", "-c"];

// Versions come from the installed metadata: nothing is imported, so no package's code runs.
const question = `
import json, platform
from importlib import metadata
found = {}
for name in ${JSON.stringify(packages)}:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps({"python": platform.python_version(), "packages": found}))
`;

interface Answer {
  python: string;
  packages: Map<string, string>;
}

export async function checkPython(): Promise<DoctorLine[]> {
  const found = await ask();
  if (found === undefined) {
    const remedy = "Only fine-tuning needs it: install Python 3.10 or later from your system or python.org.";
    return [{ check: "Python", status: "warning", detail: "not found", remedy }];
  }
  const { answer, program } = found;
  return [{ check: "Python", status: "ok", detail: `${answer.python} (${program})` }, packageLine(answer, program)];
}

async function ask(): Promise<{ answer: Answer; program: string } | undefined> {
  for (const program of programs) {
    const answer = readAnswer(await probe(program, [...isolated, question]));
    if (answer !== undefined) return { answer, program };
  }
  return undefined;
}

function readAnswer(text: string | undefined): Answer | undefined {
  try {
    const { python, packages: found } = JSON.parse(text ?? "") as {
      python: unknown;
      packages: Record<string, unknown>;
    };
    const entries = Object.entries(found).map(([name, version]) => [name, String(version)] as const);
    return { python: String(python), packages: new Map(entries) };
  } catch {
    return undefined;
  }
}

function packageLine({ packages: found }: Answer, program: string): DoctorLine {
  const check = "Packages";
  const missing = packages.filter((name) => !found.has(name));
  const present = [...found].map(([name, version]) => `${name} ${version}`).join(", ");
  if (missing.length === 0) return { check, status: "ok", detail: present };
  const detail = `${present === "" ? "" : `${present}; `}missing ${missing.join(", ")}`;
  const remedy = `Only fine-tuning needs them: ${program} -m pip install ${missing.join(" ")}`;
  return { check, status: "warning", detail, remedy };
}
