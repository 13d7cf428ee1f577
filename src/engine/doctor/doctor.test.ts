import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { doctorLine } from "../../contract/api.ts";
import { runDoctor } from "./doctor.ts";
import { readyLines } from "./python.ts";
import { checkDisk, checkWorkspace } from "./workspace.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deltascope-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("every check answers, what is not well has a remedy, and nothing is created", async () => {
  const workspace = join(folder, "not", "yet");
  const lines = await runDoctor(workspace);
  for (const line of lines) {
    doctorLine.parse(line);
    if (line.status !== "ok") expect(line.remedy, line.detail).toBeTruthy();
  }
  const checks = lines.map(({ check }) => check);
  const expected = [
    "Node",
    "Native addon",
    "Scoring runtime",
    "Database",
    "Workspace",
    "Disk",
    "Demo",
    "Python",
    "GPU",
  ];
  expect(checks).toEqual(expect.arrayContaining(expected));
  expect(lines.find(({ check }) => check === "Scoring runtime")?.detail).toMatch(/^onnxruntime-node \d+\.\d+/);
  expect(lines.find(({ check }) => check === "Node")?.detail).toContain(process.versions.node);
  expect(readdirSync(folder)).toEqual([]);
});

test("the workspace: new, in use, or a file in the way", async () => {
  expect(await checkWorkspace(join(folder, "new"))).toMatchObject([
    { status: "ok", detail: expect.stringContaining("when first needed") },
  ]);
  mkdirSync(join(folder, "used"));
  writeFileSync(join(folder, "used", "workspace.duckdb"), "x".repeat(2000));
  writeFileSync(join(folder, "used", "workspace.lock"), '{"pid": 4711, "host": "h"}');
  expect(await checkWorkspace(join(folder, "used"))).toMatchObject([
    { status: "ok", detail: expect.stringContaining("database 2.0 kB") },
    { status: "warning", detail: "in use by process 4711" },
  ]);
  writeFileSync(join(folder, "used", "workspace.lock"), JSON.stringify({ pid: process.pid, host: "h" }));
  expect((await checkWorkspace(join(folder, "used")))[1]).toMatchObject({ status: "ok" });
  writeFileSync(join(folder, "file"), "");
  expect(await checkWorkspace(join(folder, "file"))).toMatchObject([{ status: "missing" }]);
});

test("free space is that of the nearest folder that exists", async () => {
  const [line] = await checkDisk(join(folder, "a", "b"));
  expect(line?.detail).toMatch(/^\d[\d.]* [kMGTP]?B free for the workspace$/);
});

test("who named the Python that trains", () => {
  const python = "/opt/python3.11";
  const told = (setting: string | undefined, variables: NodeJS.ProcessEnv, managed = false) =>
    readyLines({ python, managed, packages: { python: "3.11.7", torch: "2.15.0" } }, setting, variables)[0]?.detail;
  expect(told(undefined, {})).toBe(`3.11.7 (${python})`);
  expect(told(undefined, {}, true)).toBe(`3.11.7 (${python}, the managed environment)`);
  expect(told(undefined, { DELTASCOPE_PYTHON: python })).toBe(`3.11.7 (${python}, named by DELTASCOPE_PYTHON)`);
  expect(told(python, { DELTASCOPE_PYTHON: "/other" })).toBe(
    `3.11.7 (${python}, named in the settings; DELTASCOPE_PYTHON is set too, and not used)`,
  );
});
