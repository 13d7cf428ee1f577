import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { trainingEnvironment } from "../../../contract/domain/training.ts";
import { findEnvironment, neededPackages, requirePython } from "./find.ts";
import { candidates, isRecent } from "./interpreters.ts";
import { managedFolder, pythonIn } from "./managed-folder.ts";
import { prepareEnvironment } from "./prepare.ts";
import { requirementsFile } from "./requirements.ts";
import { uvVariables } from "./uv.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deltascope-python-"));
  // The cards of this machine and their drivers take no part.
  vi.stubEnv("PATH", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

interface Fake {
  version?: string;
  packages?: readonly string[];
  /** What `probe` prints; text is printed as it is. */
  probe?: Record<string, unknown> | string;
}

const cpu = { id: "cpu", name: "x", kind: "cpu", memoryBytes: 1, freeBytes: 1, bf16: true };
const goodProbe = {
  ...{ v: 1, type: "probe", version: "0.1.0", python: "3.11.7", executable: "x", versions: { torch: "2.15.0" } },
  ...{ missing: [], devices: [cpu], torch_cuda: null, torch_hip: null, methods: ["full"], problems: [] },
};

/** An executable that answers like a Python: what it is, and what the trainer's probe would say. Each call is counted. */
function fakePython(
  name: string,
  { version = "3.11.7", packages = neededPackages, probe = goodProbe }: Fake = {},
): string {
  const file = join(folder, name);
  const identity = { version, executable: file, found: packages.map((each) => [each, "1.0"]) };
  const answer = typeof probe === "string" ? probe : JSON.stringify(probe);
  const lines = [
    `require("node:fs").appendFileSync(${JSON.stringify(`${file}.calls`)}, process.argv.slice(2).join(" ").slice(0, 40) + "\\n");`,
    `const words = process.argv.slice(2);`,
    `if (words.includes("-c")) console.log(${JSON.stringify(JSON.stringify(identity))});`,
    `if (words.includes("probe")) { console.error("ModuleNotFoundError: x"); console.log(${JSON.stringify(answer)}); }`,
    `if (words.includes("uv")) process.exit(1);`,
  ];
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `#!${process.execPath}\n${lines.join("\n")}\n`);
  chmodSync(file, 0o755);
  return file;
}

const calls = (python: string, word: string): number =>
  existsSync(`${python}.calls`)
    ? readFileSync(`${python}.calls`, "utf8")
        .split("\n")
        .filter((line) => line.includes(word)).length
    : 0;

const find = (setting?: string, more: NodeJS.ProcessEnv = {}) =>
  findEnvironment({ setting, environment: { PATH: folder, HOME: folder, ...more }, folder: join(folder, "cache") });

describe("which Python", () => {
  test("a named one stands alone; else the managed one and those of the search path", () => {
    const path = { PATH: folder, XDG_DATA_HOME: join(folder, "data"), HOME: folder };
    fakePython("python3");
    expect(candidates("/a/python", { ...path, DELTASCOPE_PYTHON: "/b/python" })).toEqual([
      { python: "/a/python", origin: "setting" },
    ]);
    expect(candidates(undefined, { ...path, DELTASCOPE_PYTHON: "/b/python" })).toEqual([
      { python: "/b/python", origin: "variable" },
    ]);
    const found = candidates(undefined, path);
    expect(found.map(({ origin }) => origin)).toEqual(["managed", "path"]);
    expect(found[1]?.python).toBe(join(folder, "python3"));
  });

  test("the one that has everything goes before an older name on the search path", async () => {
    fakePython("python3", { packages: ["torch"] });
    const complete = fakePython("python3.12");
    const environment = await find();
    expect(trainingEnvironment.parse(environment)).toMatchObject({ ready: true, python: complete, problems: [] });
    expect(requirePython(environment)).toBe(complete);
  });

  test("versions are compared as numbers", () => {
    expect(["3.9.20", "3.10.0", "3.9", "4.0.0", "2.7.18"].map((version) => isRecent(version))).toEqual([
      ...[false, true, false, true, false],
    ]);
  });
});

describe("what is missing is said with the command that mends it", () => {
  test("nothing there, and a named one that is no Python", async () => {
    expect((await find()).problems).toMatchObject([{ code: "python.missing" }]);
    expect((await find(join(folder, "none"))).problems).toMatchObject([{ code: "python.not-usable" }]);
    expect((await find(undefined, { DELTASCOPE_PYTHON: "/bin/true" })).problems).toMatchObject([
      {
        code: "python.not-usable",
        message: '"/bin/true", named by DELTASCOPE_PYTHON, is no Python that answers.',
        where: "/bin/true",
      },
    ]);
  });

  test("too old, and without packages", async () => {
    const old = fakePython("python3.9", { version: "3.9.20" });
    expect((await find(old)).problems).toMatchObject([
      { code: "python.not-usable", message: expect.stringContaining("3.9.20") },
    ]);
    const bare = fakePython("python3", {
      packages: neededPackages.filter((name) => !["torch", "peft"].includes(name)),
    });
    const environment = await find(bare);
    expect(environment).toMatchObject({ ready: false, python: null, devices: [{ kind: "cpu" }] });
    expect(environment.problems).toMatchObject([
      {
        code: "python.packages",
        message: expect.stringMatching(/, named in the settings, lacks torch, peft\.$/),
        where: bare,
      },
    ]);
    expect(environment.problems[0]?.tip).toContain(`"${bare}" -m pip install -r `);
    expect(() => requirePython(environment)).toThrow(`"${bare}" -m pip install -r `);
    // The code's own tip is told once, beside the message.
    const none = await find(join(folder, "none"));
    expect(() => requirePython(none)).toThrow(/named in the settings, is no Python that answers\.$/);
    expect(calls(bare, "probe")).toBe(0);
  });

  test("a probe that breaks, or names problems", async () => {
    const broken = await find(fakePython("python3", { probe: "garbage" }));
    expect(broken.problems).toMatchObject([{ message: expect.stringContaining("ModuleNotFoundError: x") }]);
    const problems = [{ code: "env.import", message: "torch: libcudart.so.13 not found" }];
    const failing = await find(fakePython("python3.11", { probe: { ...goodProbe, problems } }));
    expect(failing).toMatchObject({ ready: false, problems: [{ message: expect.stringContaining("libcudart") }] });
  });

  test("a driver with a card that torch does not see", async () => {
    const smi = join(folder, "nvidia-smi");
    writeFileSync(smi, "#!/bin/sh\necho '0, RTX 4090, 24564, 100, 0, 560.35'\n");
    chmodSync(smi, 0o755);
    const environment = await find(fakePython("python3"));
    expect(environment).toMatchObject({ ready: true, problems: [{ code: "python.wrong-build" }] });
    expect(environment.problems[0]?.message).toMatch(/RTX 4090.*processors only/);
  });
});

test("torch is asked once for one set of packages, again when it changes or when wanted", async () => {
  const python = fakePython("python3");
  await find(python);
  await find(python);
  expect(calls(python, "probe")).toBe(1);
  await findEnvironment({ setting: python, refresh: true, folder: join(folder, "cache") });
  expect(calls(python, "probe")).toBe(2);
  fakePython("python3", { packages: [...neededPackages, "bitsandbytes"] });
  await find(python);
  expect(calls(python, "probe")).toBe(3);
});

describe("the managed environment", () => {
  /** Stands for uv: `venv` puts a fake Python there, `pip install` says what it does. */
  function fakeUv(install: string): void {
    const python = fakePython("template");
    const words = 'const words = process.argv.slice(2); const { cpSync, mkdirSync } = require("node:fs");';
    const venv = `if (words[0] === "venv") { mkdirSync(words.at(-1) + "/bin", { recursive: true }); cpSync(${JSON.stringify(python)}, words.at(-1) + "/bin/python"); }`;
    const file = join(folder, "uv");
    writeFileSync(file, `#!${process.execPath}\n${words}\n${venv}\nif (words[0] === "pip") { ${install} }\n`);
    chmodSync(file, 0o755);
  }

  const target = () => join(folder, "data", "python");
  const requirements = () => {
    const file = join(folder, "requirements.txt");
    writeFileSync(file, "torch==1.0 --hash=sha256:00\n");
    return file;
  };
  async function prepare(
    more: Partial<Parameters<typeof prepareEnvironment>[0]> = {},
    onLine?: (line: string) => void,
  ) {
    const lines: string[] = [];
    const environment = { PATH: folder, HOME: folder, DELTASCOPE_PYTHON: pythonIn(target()) };
    const places = { folder: target(), cache: join(folder, "cache") };
    const options = { ...places, requirements: requirements(), environment, needed: 1, ...more };
    for await (const event of prepareEnvironment(options)) {
      const line = event.type === "progress" ? `${event.step}: ${event.line}` : "finished";
      lines.push(line);
      onLine?.(line);
    }
    return lines;
  }

  test("is made beside the old one, tried, and put in its place with a record", async () => {
    fakeUv('console.error("Resolved 2 packages\\nInstalled " + words.slice(2).join(" "));');
    mkdirSync(target(), { recursive: true });
    writeFileSync(join(target(), "old"), "");
    const lines = await prepare();
    expect(lines.map((line) => line.split(":")[0])).toEqual(["space", "packages", "packages", "probe", "finished"]);
    expect(lines[2]).toContain("--require-hashes -r");
    expect(readdirSync(target()).sort()).toEqual(["bin", "env.json"]);
    expect(JSON.parse(readFileSync(join(target(), "env.json"), "utf8"))).toMatchObject({
      ...{ schema: 1, python: "3.11.7", versions: { torch: "2.15.0" }, lock: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(readdirSync(join(folder, "data"))).toEqual(["python"]);
  });

  test("stays as it was when the installer fails, and says why", async () => {
    fakeUv('console.error("error: invalid peer certificate: UnknownIssuer"); process.exit(2);');
    mkdirSync(target(), { recursive: true });
    writeFileSync(join(target(), "old"), "");
    await expect(prepare()).rejects.toMatchObject({
      ...{ code: "python.install-failed", message: expect.stringContaining("UnknownIssuer") },
    });
    expect(readdirSync(target())).toEqual(["old"]);
    expect(readdirSync(join(folder, "data"))).toEqual(["python"]);
  });

  test("a cancel ends the installer and leaves nothing", async () => {
    fakeUv('console.error("Downloading torch"); setInterval(() => {}, 1000);');
    const controller = new AbortController();
    const onLine = (line: string) => line.includes("Downloading") && controller.abort();
    await expect(prepare({ signal: controller.signal }, onLine)).rejects.toThrow();
    expect(readdirSync(join(folder, "data"))).toEqual([]);
  });

  test("of two that are asked for at once the first is made, and the other says who makes it", async () => {
    fakeUv("");
    const ends = await Promise.allSettled([prepare(), prepare()]);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = ends.find((end) => end.status === "rejected");
    expect(refused?.reason).toMatchObject({
      code: "python.install-failed",
      message: expect.stringContaining(`process ${process.pid} on`),
    });
    expect(readdirSync(target()).sort()).toEqual(["bin", "env.json"]);
    expect(readdirSync(join(folder, "data"))).toEqual(["python"]);
  });

  test("too little space, and no uv, are said before anything is made", async () => {
    await expect(prepare({ needed: 2 ** 60 })).rejects.toMatchObject({ code: "workspace.disk-full" });
    fakePython("python3");
    await expect(prepare()).rejects.toMatchObject({ code: "python.uv-missing" });
    expect(readdirSync(join(folder, "data"))).toEqual([]);
  });

  test("lies in the user's folder for data, wherever the workspace is", () => {
    const environment = { XDG_DATA_HOME: "/data", DELTASCOPE_WORKSPACE: "/elsewhere" };
    if (process.platform === "linux") expect(managedFolder(environment)).toBe("/data/deltascope/python");
    expect(managedFolder(environment)).not.toContain("elsewhere");
  });

  test("each system has its pinned set, and uv hears of pip's index and certificates", () => {
    const names = (["darwin", "win32", "linux"] as const).map((system) => requirementsFile({ nvidia: true }, system));
    expect(names).toEqual(["requirements-macos.txt", "requirements-windows.txt", "requirements-linux-cuda.txt"]);
    expect(requirementsFile({ nvidia: false }, "linux")).toBe("requirements-linux-cpu.txt");
    expect(uvVariables({ PIP_INDEX_URL: "https://index.example/simple", PIP_CERT: "/ca.pem" })).toMatchObject({
      ...{ UV_DEFAULT_INDEX: "https://index.example/simple", SSL_CERT_FILE: "/ca.pem" },
    });
    expect(uvVariables({ PIP_INDEX_URL: "a", UV_DEFAULT_INDEX: "b" }).UV_DEFAULT_INDEX).toBe("b");
  });
});
