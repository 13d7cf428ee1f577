/** Every code that speaks of checkpoints and adapters, tried as people try it: `inspect`, then `analyze`. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { alertCodes } from "../../src/contract/alerts.ts";
import type { AnalysisDocument } from "../../src/contract/domain/analysis.ts";
import type { InspectDocument } from "../../src/contract/domain/checkpoint.ts";
import { errorCodes } from "../../src/contract/errors.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { fakeContext } from "../builders/fake-context.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { belongingCases } from "./belonging.ts";
import { adapter, type CodeCase, checkpoint, USUAL } from "./case.ts";
import { checkpointCases } from "./checkpoints.ts";
import { fileCases } from "./files.ts";
import { formatCases } from "./formats.ts";
import { keyCases } from "./keys.ts";
import { settingCases } from "./settings.ts";

const cases = [...fileCases, ...keyCases, ...settingCases, ...checkpointCases, ...formatCases, ...belongingCases];
const workspace = temporaryFolder("codes");
const engine = openEngine({ workspace, threads: 1 });

afterAll(() => engine.close());

/** One engine for all rows: opening a workspace takes longer than a row. */
async function deltascope<Document>(...words: string[]): Promise<{ exitCode: number; document: Document }> {
  const context = fakeContext();
  context.openEngine = async () => ({ ...engine, close: async () => undefined });
  const exitCode = await runCommandLine([...words, "--json", "--quiet"], context);
  return { exitCode, document: JSON.parse(context.stdout.text) as Document };
}

interface Said {
  code: string;
  message: string;
  where?: string | undefined;
  tip?: string | undefined;
}

function expectSaid(said: readonly Said[], { code, says }: CodeCase): void {
  const mine = said.filter((one) => one.code === code);
  const told = mine.map(({ message, where }) => `${message} (${where})`).join("\n");
  expect({ codes: said.map((one) => one.code), told }).toEqual({
    codes: expect.arrayContaining([code]),
    told: expect.stringMatching(says),
  });
  for (const { message, tip } of mine) {
    expect(tip).toBeTruthy();
    expect(message).not.toMatch(/undefined|\bnull$|NaN(?! or)|\[object/);
  }
}

const isAlert = (code: string) => (alertCodes as readonly string[]).includes(code);

/** The folders of one row. */
function build({ base = checkpoint(), tuned = adapter() }: CodeCase): { base: string; tuned: string } {
  const folder = temporaryFolder("given ü");
  const paths = { base: join(folder, "base"), tuned: join(folder, "tuned") };
  base(paths.base);
  tuned(paths.tuned);
  return paths;
}

/** A question without any answer ends in its one failure as the document. */
interface Failed {
  error?: Said;
}

async function expectInspected(row: CodeCase, path: string): Promise<void> {
  const { exitCode, document } = await deltascope<Failed & Partial<InspectDocument>>("inspect", path);
  const errors = document.error === undefined ? [] : [document.error];
  const alerts = (document.items ?? []).flatMap((item) => item.alerts);
  if (row.inspect === true) expectSaid([...errors, ...alerts], row);
  else expect(errors).toEqual([]);
  expect(exitCode).toBe(errors.length > 0 ? 1 : 0);
}

async function expectAnalysed(row: CodeCase, { base, tuned }: { base: string; tuned: string }): Promise<void> {
  const words = row.withoutBase ? [] : ["--base", base];
  const { exitCode, document } = await deltascope<Failed & Partial<AnalysisDocument>>(
    "analyze",
    ...words,
    "--tuned",
    tuned,
  );
  if (isAlert(row.code)) {
    expect([document.error, exitCode]).toEqual([undefined, 0]);
    expectSaid(document.alerts ?? [], row);
    const changed = row.changed ?? (row.tuned === undefined ? USUAL : undefined);
    if (changed !== undefined) expect(changedNames(document.runs ?? [])).toEqual([...changed].sort());
    return;
  }
  expect(document.runs).toBeUndefined();
  expectSaid(document.error === undefined ? [] : [document.error], row);
  expect(exitCode).toBe(1);
}

function changedNames(runs: AnalysisDocument["runs"]): string[] {
  const modules = runs.flatMap((run) => run.modules);
  return modules
    .filter(({ delta }) => (delta?.frobenius ?? 0) > 0)
    .map(({ name }) => name)
    .sort();
}

test.each(cases.map((row) => [row.name, row.code, row] as const))("%s: %s", async (_, __, row) => {
  const paths = build(row);
  await expectInspected(row, paths.tuned);
  await expectAnalysed(row, paths);
  if (existsSync(paths.tuned)) rmSync(join(paths.tuned, ".."), { recursive: true });
});

test("no code of checkpoints, adapters and pairing is without a row", () => {
  const all = [...errorCodes, ...alertCodes].filter((code) => /^(?:adapter|checkpoint|pairing)\./.test(code));
  const tried = new Set<string>(cases.map(({ code }) => code));
  expect(all.filter((code) => !tried.has(code))).toEqual([]);
});
