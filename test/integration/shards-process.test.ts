/** Shards as a scheduler runs them: processes, streams and exit codes; the engine is the real one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { analysisDocument } from "../../src/contract/domain/analysis.ts";
import { collectDocument, partManifest } from "../../src/contract/domain/part.ts";
import { temporaryFolder } from "../builders/folders.ts";

const root = join(import.meta.dirname, "../..");
const demo = join(root, "demo");
const question = ["--base", join(demo, "base"), "--tuned", join(demo, "lora-r4"), "--layers", "0-1", "--threads", "1"];

async function deltascope(...words: string[]) {
  const child = spawn(process.execPath, ["--no-warnings", join(root, "src/cli/main.ts"), ...words]);
  const result = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    result.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    result.err += text;
  });
  const [code] = await once(child, "close");
  return { ...result, code: code as number | null };
}

test("shards that run at the same time are collected into one workspace, which then answers the whole question", async () => {
  const folder = temporaryFolder("array");
  const [first, second] = [join(folder, "1"), join(folder, "2")];
  const shards = await Promise.all([
    deltascope("analyze", ...question, "--shard", "1/2", "--out", first, "--json", "--quiet"),
    deltascope("analyze", ...question, "--shard", "2/2", "--out", second, "--quiet"),
  ]);
  expect(shards.map(({ code, err }) => [code, err])).toEqual([
    [0, ""],
    [0, ""],
  ]);
  expect(partManifest.parse(JSON.parse(shards[0].out)).shard).toEqual({ index: 1, count: 2 });
  expect(shards[1].out).toContain(`Wrote ${second}: shard 2 of 2, 7 of 14 modules`);

  const workspace = join(folder, "results");
  const half = await deltascope("collect", first, "--workspace", workspace);
  expect(half.code).toBe(1);
  expect(half.out).toMatch(
    /Collected 1 of 1 part: 7 modules added\.\nMissing: shard 2 of 2\.\nlora-r4 lacks 7 modules: /,
  );

  const report = join(folder, "report.json");
  const whole = await deltascope("collect", folder, "--workspace", workspace, "--json", "--quiet", "--out", report);
  expect([whole.code, whole.err]).toEqual([0, ""]);
  const collected = collectDocument.parse(JSON.parse(whole.out));
  expect(collected).toMatchObject({
    added: 7,
    duplicates: { stored: 7 },
    gaps: { shards: [], modules: [], vectors: [] },
  });

  const again = await deltascope("analyze", ...question, "--workspace", workspace, "--json");
  expect(again.err).toContain("14 modules, all answered from the workspace.");
  expect(analysisDocument.parse(JSON.parse(again.out)).runs[0]?.modules).toHaveLength(14);
});

test("a part that is refused is told, the rest is collected, and the end is 1", async () => {
  const folder = temporaryFolder("parts");
  await deltascope("analyze", ...question, "--shard", "1/1", "--out", join(folder, "good"), "--quiet");
  const bad = join(folder, "bad");
  mkdirSync(bad);
  writeFileSync(join(bad, "part.json"), '{"schema": "deltascope.part/7"}');
  const { code, err, out } = await deltascope("collect", bad, join(folder, "good"), "--workspace", join(folder, "w"));
  expect(code).toBe(1);
  expect(err).toMatch(/error part\.version: .*\ntip: Collect with the version that wrote it/);
  expect(out).toContain("Collected 1 of 2 parts: 14 modules added.");
  const none = await deltascope("collect", bad, "--workspace", join(folder, "w"), "--json", "--quiet");
  expect([none.code, JSON.parse(none.out).error.code]).toEqual([1, "part.version"]);
});

describe("wrong usage is refused before any work", () => {
  const folder = temporaryFolder("refused");
  mkdirSync(join(folder, "full"));
  writeFileSync(join(folder, "full", "notes.txt"), "mine");
  writeFileSync(join(folder, "file"), "mine");
  const analyze = (...words: string[]) => deltascope("analyze", ...question, ...words);

  test.each([
    [["--shard", "3/2", "--out", join(folder, "a")], 2, "--shard must read i/n with i from 1 to n and n at most 1000"],
    [["--shard", "0/2", "--out", join(folder, "a")], 2, 'not "0/2"'],
    [["--shard", "2/1001", "--out", join(folder, "a")], 2, 'not "2/1001"'],
    [["--shard", "1 of 2", "--out", join(folder, "a")], 2, 'not "1 of 2"'],
    [["--shard", "1/2"], 2, "--shard needs one --out"],
    [["--shard", "1/2", "--out", "a", "--out", "b"], 2, "--shard needs one --out"],
    [["--shard", "1/2", "--out", join(folder, "a.html")], 2, "names a .html file"],
    [["--shard", "1/2", "--out", join(folder, "a"), "--fail-on", "intruders > 0"], 2, "--fail-on judges whole runs"],
    [["--shard", "1/2", "--out", join(folder, "full")], 1, "holds other files"],
    [["--shard", "1/2", "--out", join(folder, "file")], 1, "is a file"],
    [["--shard", "1/2", "--out", join(folder, "file", "below")], 1, "is a file"],
  ])("%j", async (words, code, told) => {
    const ended = await analyze(...words);
    expect([ended.code, ended.out]).toEqual([code, ""]);
    expect(ended.err).toContain(told);
  });

  test.skipIf(process.getuid?.() === 0)("a folder that may not be written", async () => {
    const closed = join(folder, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    const ended = await analyze("--shard", "1/2", "--out", join(closed, "part"));
    chmodSync(closed, 0o700);
    rmSync(closed, { recursive: true });
    expect(ended.err).toContain("error output.unwritable");
  });
});
