/** The command line as a process: streams, signals and exit codes as a shell sees them. The engine behind it is a fake. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { analysisDocument } from "../../src/contract/domain/analysis.ts";

const program = fileURLToPath(new URL("../builders/fake-cli.ts", import.meta.url));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function start(words: string[], answers: object = {}): ChildProcess {
  const env = { ...process.env, FAKE_ANSWERS: JSON.stringify(answers) };
  return spawn(process.execPath, ["--no-warnings", program, ...words], { env });
}

async function ended(child: ChildProcess): Promise<Ended> {
  const result: Ended = { code: null, out: "", err: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    result.out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    result.err += text;
  });
  const [code] = await once(child, "close");
  return { ...result, code: code as number | null };
}

test("standard output holds exactly one document", async () => {
  const { code, out, err } = await ended(start(["analyze", "--tuned", "/t", "--json"]));
  expect(code).toBe(0);
  expect(analysisDocument.parse(JSON.parse(out)).runs).toHaveLength(2);
  expect(err).toContain("analyze: 1/16 modules");
});

test.each([
  [["analyze"], 2],
  [["inspect", "/nope"], 1],
  [["analyze", "--tuned", "/lora-r4", "--fail-on", "intruders > 0"], 3],
  [["analyze", "--tuned", "/lora-r4", "--fail-on", "intruders > 99"], 0],
])("%j ends with %i", async (words, code) => {
  expect((await ended(start(words))).code).toBe(code);
});

test("a reader that goes away is no failure", async () => {
  const child = start(["analyze", "--tuned", "/t", "--json", "--quiet"]);
  child.stdout?.destroy();
  const { code, err } = await ended(child);
  expect({ code, err }).toEqual({ code: 0, err: "" });
});

test("Ctrl-C once: cancelled with 130, and how to go on", async () => {
  const child = start(["analyze", "--tuned", "/t"], { waitForCancel: true });
  const result = ended(child);
  child.stderr?.once("data", () => setTimeout(() => child.kill("SIGINT"), 300));
  const { code, err, out } = await result;
  expect({ code, out }).toEqual({ code: 130, out: "" });
  expect(err).toMatch(/Cancelling; finished modules are kept\..*error job\.cancelled: .*run the same command again/s);
});

test.runIf(existsSync("/dev/full"))("standard output on a full disk is a failure", async () => {
  const full = openSync("/dev/full", "w");
  const env = { ...process.env, FAKE_ANSWERS: "{}" };
  const words = ["--no-warnings", program, "analyze", "--tuned", "/t", "--json", "--quiet"];
  const child = spawn(process.execPath, words, { env, stdio: ["ignore", full, "pipe"] });
  const { code, err } = await ended(child);
  closeSync(full);
  expect(code).toBe(1);
  expect(err).toContain("error output.unwritable: Standard output cannot be written: ENOSPC.");
});
