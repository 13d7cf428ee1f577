import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DeltaScopeError } from "../../src/contract/errors.ts";
import type { Opened } from "../../src/engine/checkpoint/checkpoint.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import { writeJson } from "../builders/checkpoint.ts";
import { cpuMilliseconds } from "../builders/cpu-time.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { writeSafetensors } from "../builders/safetensors.ts";
import { folderCases } from "./folder-cases.ts";

/** Hostile files may not hold the program up either. */
const LIMIT_MILLISECONDS = 3000;

function makeFolders(): { folder: string; outside: string } {
  const parent = temporaryFolder("attack");
  const [folder, outside] = [join(parent, "opened"), join(parent, "outside")];
  mkdirSync(folder);
  mkdirSync(outside);
  writeSafetensors(join(outside, "secret.safetensors"), { secret: { dtype: "F32", shape: [1], data: [1] } });
  writeJson(join(outside, "secret.json"), { model_type: "secret" });
  return { folder, outside };
}

/** The code, and the message without control characters for it is going to be printed. */
async function answer(folder: string): Promise<{ code: string; message: string; opened: Opened | undefined }> {
  try {
    return { code: "opens", message: "", opened: await open(folder) };
  } catch (thrown) {
    if (!(thrown instanceof DeltaScopeError)) throw thrown;
    return { code: thrown.code, message: thrown.message, opened: undefined };
  }
}

test.each(folderCases)("$name: $expected", async ({ build, expected, names }) => {
  const { folder, outside } = makeFolders();
  build(folder, outside);
  const started = cpuMilliseconds();
  const { code, message, opened } = await answer(folder);
  expect(cpuMilliseconds() - started).toBeLessThan(LIMIT_MILLISECONDS);
  expect([code, message]).toEqual([expected, message]);
  if (names !== undefined) expect(message).toContain(names);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed
  expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  for (const tensor of opened?.tensors.values() ?? []) expect(tensor.path).toContain("opened");
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  rmSync(folder, { recursive: true });
});

test("inherited names are ordinary tensors", async () => {
  const byName = (name: string) => folderCases.find((candidate) => candidate.name === name);
  const { folder } = makeFolders();
  byName("index keys are inherited names")?.build(folder, "");
  const opened = await open(folder);
  expect([...opened.tensors.keys()].sort()).toEqual(["__proto__", "constructor"]);
});
