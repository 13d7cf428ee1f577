import { expect, test } from "vitest";
import { auditDocumentOf } from "../../../test/builders/audit-document.ts";
import { fakeContext } from "../../../test/builders/fake-context.ts";
import type { FakeAnswers } from "../../../test/builders/fake-engine.ts";
import { type AuditDocument, type AuditSpec, auditDocument } from "../../contract/domain/audit.ts";
import { runCommandLine } from "../program.ts";

/** 12 of 100 facts lost, 3 gained; half of the new task learnt; at λ 0.5 four facts are back. */
function answer(spec: AuditSpec): AuditDocument {
  return auditDocumentOf(spec, {
    base: { facts: [95, 100], compare: [50, 100] },
    measured: [
      { label: "lora", tasks: { facts: [12, 3, 0.03], compare: [0, 45, 0.001] } },
      { label: "lora", lambda: 0.5, arm: "step", tasks: { facts: [8, 3, 0.4], compare: [0, 45, 0.001] } },
    ],
    findings: [
      {
        id: "forgetting-1",
        text: "lora: old tasks −9.0 points.",
        parts: [],
        evidence: { view: "forgetting", modules: [] },
      },
    ],
  });
}

const usual = "audit --base /b --tuned lora=/t --task /d/compare.jsonl --retain /d/facts.jsonl --lambda 1,.5 --quiet";

async function run(words: string, answers: FakeAnswers = { audit: answer }) {
  const context = fakeContext(answers, { workingFolder: "/tmp" });
  const exitCode = await runCommandLine(words.split(" ").filter(Boolean), context);
  return { exitCode, out: context.stdout.text, err: context.stderr.text };
}

test("what was typed reaches the engine", async () => {
  const asked: AuditSpec[] = [];
  const words =
    "audit --base /b --tuned one=/t1 /x/t2 --task new=/d/c.jsonl --retain /d/f.jsonl /e/f.jsonl boolq:/d/v.parquet " +
    "--lambda 1,.9,.5 --arms scale,shrink --which all --sequence --k 4 --epsilon 0.4 --limit 50 --seed 7 " +
    "--max-length 512 --vocab tokenizer --prefix-token 3 --chat-template --threads 3 --json --quiet";
  await run(words, {
    audit: (spec) => {
      asked.push(spec);
      return answer(spec);
    },
  });
  expect(asked).toEqual([
    {
      base: "/b",
      tuned: [
        { label: "one", path: "/t1" },
        { label: "t2", path: "/x/t2" },
      ],
      tasks: [
        { name: "new", file: "/d/c.jsonl", role: "new" },
        { name: "f", file: "/d/f.jsonl", role: "retain" },
        { name: "f-2", file: "/e/f.jsonl", role: "retain" },
        { name: "boolq", file: "/d/v.parquet", definition: "boolq", role: "retain" },
      ],
      settings: { maxLength: 512, vocab: "tokenizer", prefixToken: 3, limit: 50, seed: 7, chatTemplate: true },
      lambdas: [1, 0.9, 0.5],
      arms: ["scale", "shrink"],
      which: "all",
      k: 4,
      epsilon: 0.4,
      sequence: true,
      threads: 3,
    },
  ]);
});

test("a ready-made task is named with its data, or by its name alone", async () => {
  const asked: AuditSpec[] = [];
  const boolq = {
    ...{ name: "boolq", definition: "boolq", title: "BoolQ", kind: "choice" as const, role: "retain" as const },
    ...{ file: "/cache/boolq.parquet", items: 3270, repository: null },
  };
  const audit = (spec: AuditSpec): AuditDocument => {
    asked.push(spec);
    return answer(spec);
  };
  await run("audit --base /b --tuned /t --retain boolq --quiet", { audit, tasks: [boolq] });
  expect(asked[0]?.tasks).toEqual([
    { name: "boolq", file: "/cache/boolq.parquet", definition: "boolq", role: "retain" },
  ]);
});

test("findings, then the table with intervals, flips and Holm's p, then the sweep", async () => {
  const { exitCode, out, err } = await run(usual);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  const lines = out.split("\n");
  const row = (start: RegExp) => lines.find((line) => start.test(line)) ?? "";
  expect(lines.findIndex((line) => line.startsWith("• lora"))).toBeLessThan(
    lines.findIndex((line) => /Change against/.test(line)),
  );
  expect(row(/^lora +compare/)).toContain("+45.00");
  expect(row(/^lora +facts/)).toMatch(/95\.0 % +86\.0 % +−9\.00 +\[−11\.0, −7\.0\] +−12 \+3/);
  expect(row(/^lora +facts/)).toContain("0.03");
  expect(row(/^lora +all old tasks/)).toContain("−12 +3");
  expect(row(/^lora +as trained/)).toContain("86.0 %");
  expect(row(/^lora +step/)).toContain("90.0 %");
});

test("--json prints the document and nothing else; the plan says what the items can show", async () => {
  const { out, err } = await run(`${usual.replace(" --quiet", "")} --json`);
  expect(auditDocument.parse(JSON.parse(out)).rows).toHaveLength(4);
  expect(err).toContain("2 models, 400 answers, 100 already in the workspace; 9000 tokens, about 9.00 s");
  expect(err).toContain("Smallest change in points that the items can show: facts 8.9 (100).");
});

test.each([
  ["forgetting > 5", 3, "gate exceeded by lora: forgetting = 9"],
  ["forgetting > 9.5", 0, ""],
  ["forgettingLow > 5 and newTask > 40", 3, "forgettingLow ="],
  ["claimedLosses >= 1", 3, "claimedLosses = 1"],
  ["task.lost > 12", 0, ""],
  ["task.adjustedP < 0.05", 3, "task.adjustedP = 0.03"],
  ["lora:task.forgetting >= 9", 3, "lora:task.forgetting = 9"],
  ["task.bitsPerByte > 0", 1, "task.bitsPerByte = not measured"],
])("--fail-on %s ends with %i", async (expression, code, words) => {
  const context = fakeContext({ audit: answer }, { workingFolder: "/tmp" });
  const exitCode = await runCommandLine([...usual.split(" "), "--fail-on", expression], context);
  expect(exitCode).toBe(code);
  expect(context.stderr.text).toContain(words);
});

test.each([
  ["audit --tuned /t --retain /f", "--base is missing"],
  ["audit --base /b --retain /f", "--tuned is missing"],
  ["audit --base /b --tuned /t", "--retain"],
  ["audit --base /b --tuned /t --retain /f --lambda 1,x", "--lambda"],
  ["audit --base /b --tuned /t --retain /f --lambda 3", "from 0 to 2"],
  ["audit --base /b --tuned /t --retain /f --arms scale,none", '"none"'],
  ["audit --base /b --tuned /t --retain a=/f a=/g", "given twice"],
  ["audit --base /b --tuned /t --retain /f --out x.parquet", ".json, .csv or .html"],
  ["audit --base /b --tuned /t --retain /f --fail-on intruders>0", "intruders"],
])("wrong usage: %s", async (words, message) => {
  const { exitCode, err } = await run(words);
  expect(exitCode).toBe(2);
  expect(err).toContain("error usage.invalid");
  expect(err).toContain(message);
});

test("a run that failed is said, and the command fails", async () => {
  const failure = {
    label: "lora",
    path: "/t",
    error: { code: "source.not-found" as const, message: "There is no /t.", retryable: false },
  };
  const { exitCode, err, out } = await run(usual, { audit: (spec) => ({ ...answer(spec), failures: [failure] }) });
  expect(exitCode).toBe(1);
  expect(err).toContain("error source.not-found: lora: There is no /t.");
  expect(out).toContain("Left out: lora");
});

test("--out writes through the engine, pages with examples", async () => {
  const written: string[] = [];
  const answers: FakeAnswers = { audit: answer, exported: (file, format) => void written.push(`${format} ${file}`) };
  const { exitCode } = await run(`${usual} --out /tmp/audit-test-none.html --out /tmp/audit-test-none.csv`, answers);
  expect(exitCode).toBe(0);
  expect(written).toEqual(["html /tmp/audit-test-none.html", "csv /tmp/audit-test-none.csv"]);
});

test("an audit that cannot start ends with its error", async () => {
  const { exitCode, err } = await run(usual, {});
  expect(exitCode).toBe(1);
  expect(err).toContain("error source.not-found: /b does not exist.");
});
