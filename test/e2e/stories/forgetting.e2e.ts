/** Stories 8 to 11: λ in the Inspector, the exported adapter, evaluation with its flips, the sweep and its control arms. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AuditDocument, AuditRow } from "../../../src/contract/domain/audit.ts";
import {
  formatCount,
  formatPoints,
  formatProbability,
  formatShare,
  formatSignificant,
} from "../../../src/contract/format.ts";
import { openStory, placeOf, rest, textOf } from "../harness/app.ts";
import { seriousViolations } from "../harness/axe.ts";
import { demoTruth } from "../harness/demo-truth.ts";
import { shoot } from "../harness/shots.ts";

const truth = await demoTruth();
const { page, server } = await openStory({ workspace: truth.workspace });

const run = truth.runs.find(({ label }) => label === "lora-r1");
const full = truth.runs.find(({ label }) => label === "fft");
if (!run || !full) throw new Error("The demo has lora-r1 and fft.");
/** A module of it with intruders. */
const hot = truth.rowsOf(run.letter).find(({ layer, intruders }) => layer !== null && (intruders ?? 0) > 0);
if (!hot) throw new Error("lora-r1 has intruders.");
/** Scoring the demo takes seconds; the machine may be busy. */
const patience = 600_000;

const armRow = (arm: string) => page.getByTestId(`arm-${arm}`).locator("td");

async function openInspector(search = ""): Promise<void> {
  await page.goto(`${server.origin}/inspector/${run?.id}/${hot?.layer}/${hot?.kind}${search}`);
  await rest(page);
  await page.getByTestId("arms").waitFor();
}

test("λ moves marks and weights in one go; the norm control has the same relative change; the address keeps λ", async () => {
  await openInspector();
  expect(await armRow("trained").nth(0).textContent()).toBe(formatShare(hot.relative));
  expect(await armRow("trained").nth(1).textContent()).toBe(formatCount(hot.intruders));
  expect(await page.getByTestId("scaled-marks").locator("g").count()).toBe(0);
  await page.keyboard.press("l");
  for (let step = 0; step < 10; step += 1) await page.keyboard.press("ArrowLeft");
  await rest(page);
  expect(placeOf(page).searchParams.get("lambda")).toBe("0.5");
  expect(await page.getByTestId("scaled-marks").locator("g").count()).toBe(1);
  const [scaled, trained] = [await armRow("scale").nth(0).textContent(), formatShare(hot.relative)];
  expect(scaled).not.toBe(trained);
  expect(await armRow("shrink").nth(0).textContent()).toBe(scaled);
  expect(await armRow("rescaled").nth(0).textContent()).toBe(trained);
  await page.reload();
  await rest(page);
  expect(await page.getByLabel("λ as a number").inputValue()).toBe("0.5");
  expect(await armRow("scale").nth(0).textContent()).toBe(scaled);
  expect(await seriousViolations(page)).toEqual([]);
  await shoot(page, "inspector-lambda");
});

test("ticked vectors are what λ scales", async () => {
  await openInspector("?lambda=0.5&rows=all");
  const strongest = hot.bounds.left?.upper.findIndex((upper) => upper < 0.5) ?? 0;
  const other = strongest === 3 ? 5 : 4;
  await page.getByRole("checkbox", { name: `Include vector ${other} in λ` }).click();
  await rest(page);
  expect(placeOf(page).searchParams.get("which")).toBe([strongest + 1, other].sort((a, b) => a - b).join(","));
  expect(await page.getByTestId("scaled-marks").locator("g").count()).toBe(2);
});

test("the exported adapter has the ranks together, joins the library, and its intruder is half as strong", async () => {
  await openInspector("?lambda=0.5");
  await page.getByRole("button", { name: "Export adapter" }).click();
  const sheet = page.getByTestId("export-edit");
  await sheet.waitFor();
  await rest(page);
  expect(await page.getByTestId("export-rank").textContent()).toContain("rank 1 + 1");
  await sheet.getByRole("checkbox", { name: "Bring it back to rank 1" }).click();
  expect(await page.getByTestId("export-rank").textContent()).toMatch(/at most [\d.]+ % of ΔW′ is lost/);
  await sheet.getByRole("checkbox", { name: "Bring it back to rank 1" }).click();
  const folder = join(server.root, "half");
  await sheet.getByLabel("Folder").fill(folder);
  await sheet.getByRole("button", { name: "Write adapter" }).click();
  await page.getByTestId("export-written").waitFor({ timeout: patience });
  expect(await seriousViolations(page)).toEqual([]);
  await page.goto(`${server.origin}/library`);
  await rest(page);
  const row = page.getByRole("row").filter({ has: page.getByText("half", { exact: true }) });
  expect(await row.count()).toBe(1);
  await row.click();
  await rest(page);
  await page.getByText("The configuration names this base").waitFor();
  await shoot(page, "library-exported");
  expect(await halfStrength(folder)).toBe(true);
});

/** Analyses the written adapter and looks for the halved value among the top ones. */
async function halfStrength(folder: string): Promise<boolean> {
  const { openEngine } = await import("../../../src/engine/engine.ts");
  const { temporaryFolder } = await import("../../builders/folders.ts");
  const engine = openEngine({ workspace: temporaryFolder("half") });
  const vectorOf = async (path: string) => {
    const base = run?.base.path ?? "";
    const settings = {
      k: 20,
      epsilon: 0.5,
      side: "left",
      quick: false,
      exact: false,
      asMerged: false,
      seed: 0,
    } as const;
    const modules = `^${hot?.name.replaceAll(".", "\\.")}$`;
    const spec = { base, tuned: [{ label: "it", path }], settings, modules, embeddings: false };
    for await (const event of await engine.client.analysis.run(spec)) {
      if (event.type === "module") return event.module.tuned?.singularValues ?? [];
    }
    return [];
  };
  const [before, after] = [await vectorOf(run?.path ?? ""), await vectorOf(folder)];
  await engine.close();
  const strongest = before[hot?.bounds.left?.upper.findIndex((upper) => upper < 0.5) ?? 0] ?? 0;
  return after.some((value) => Math.abs(value - strongest / 2) < strongest * 1e-3) && !after.includes(strongest);
}

let document: AuditDocument;

/** What the page itself was told last. */
function rowOf(label: string, task: string, lambda = 1, arm = "scale"): AuditRow {
  const row = document.rows.find(
    (candidate) =>
      candidate.label === label && candidate.task === task && candidate.lambda === lambda && candidate.arm === arm,
  );
  if (!row) throw new Error(`No row of ${label} on ${task} at λ ${lambda}.`);
  return row;
}

/** The audit document as the page's export gives it. */
async function exported(): Promise<AuditDocument> {
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Audit document as JSON" }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

test(
  "nothing is measured; Evaluate fills the cells with what the audit document says",
  async () => {
    await page.goto(`${server.origin}/forgetting`);
    await rest(page);
    await page.getByRole("button", { name: "Measure" }).click();
    const sheet = page.getByTestId("evaluate-sheet");
    await sheet.waitFor();
    await rest(page);
    for (const task of ["grammar", "kinds"]) await sheet.getByTestId(`task-${task}`).getByRole("checkbox").uncheck();
    for (const { label } of truth.runs.filter((other) => other !== run && other !== full)) {
      await sheet.getByRole("checkbox", { name: new RegExp(` ${label}$`) }).uncheck();
    }
    await sheet.locator("[data-testid=evaluate-plan]:not([data-stale])").waitFor();
    await rest(page);
    expect(await seriousViolations(page)).toEqual([]);
    await shoot(page, "forgetting-evaluate");
    await sheet.getByRole("button", { name: "Start evaluation" }).click();
    await rest(page, { jobs: true });
    document = await exported();
    for (const { label, letter } of [run, full]) {
      for (const task of ["compare", "arithmetic", "facts"]) {
        const row = rowOf(label, task);
        const shown = await textOf(page.getByTestId(`cell-${letter}-1-${task}`));
        expect(shown).toContain(formatPoints(row.difference));
        expect(shown).toContain(`−${formatCount(row.lost)} +${formatCount(row.gained)}`);
        expect(shown).toContain(`p ${formatProbability(row.adjustedP)}`);
      }
    }
    expect(rowOf(run.label, "arithmetic").difference).toBeLessThan(0);
    expect(rowOf(run.label, "compare").difference).toBeGreaterThan(0.3);
  },
  patience,
);

test("Compare says what was measured of old tasks, run by run, and leads to it", async () => {
  await page.goto(`${server.origin}/compare?runs=${[run, full].map(({ id }) => id).join(",")}`);
  await rest(page);
  const finding = page.getByTestId("finding-old-tasks-change");
  await finding.waitFor();
  expect(await page.getByTestId("finding-old-tasks").count()).toBe(0);
  const text = (await textOf(finding)).replaceAll(/\s+/g, " ");
  const point = document.sweep.find(({ label, lambda }) => label === run.label && lambda === 1);
  const [low = 0, high = 0] = point?.retention.ci95 ?? [];
  expect(text).toContain(`points [${formatPoints(low, 1)}, ${formatPoints(high, 1)}]`);
  await finding.getByRole("button", { name: "Open forgetting" }).click();
  await rest(page);
  expect(placeOf(page).pathname).toBe("/forgetting");
});

test("J, J: the third flip with both probability bars and the right answer marked", async () => {
  await page.goto(`${server.origin}/forgetting?task=arithmetic&pair=base..${run.id}`);
  await rest(page);
  const lost = document.flips
    .filter(({ task, label, kind }) => task === "arithmetic" && label === run.label && kind === "lost")
    .sort((a, b) => Math.abs(b.goldChange) - Math.abs(a.goldChange) || a.index - b.index);
  expect(await page.getByText(`Lost ${lost.length}`).count()).toBe(1);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await rest(page);
  const third = lost[2];
  expect(placeOf(page).searchParams.get("item")).toBe(String(third?.index));
  const item = page.getByTestId("panel-item");
  expect(await textOf(item)).toContain(`arithmetic/${third?.index}`);
  const choices = await item.locator("tbody tr").allInnerTexts();
  expect(choices).toHaveLength(4);
  expect(choices[third?.from ?? 0]).toContain("right answer");
  for (const choice of choices) expect(choice.match(/\d\.\d\d/g)?.length).toBeGreaterThanOrEqual(2);
  const chosen = await textOf(page.getByTestId(`row-flip-${third?.index}`));
  expect(chosen).toContain(formatSignificant(third?.goldChange));
});

test(
  "the sweep of scale and shrink: points appear, and the control that does as well is said in words",
  async () => {
    await page.goto(`${server.origin}/forgetting?sheet=evaluate&runs=${run.id}`);
    const sheet = page.getByTestId("evaluate-sheet");
    await sheet.waitFor();
    await rest(page);
    await sheet.getByRole("textbox", { name: "λ values" }).fill("0.9, 0.7");
    const step = sheet.getByRole("checkbox", { name: "whole ΔW, same step" });
    if (await step.isChecked()) await step.uncheck();
    await sheet.getByRole("checkbox", { name: "whole ΔW, same norm" }).check();
    await rest(page);
    await sheet.getByRole("button", { name: "Start evaluation" }).click();
    await page.getByTestId("sweep-scale-0.9").waitFor({ timeout: patience });
    await rest(page, { jobs: true });
    for (const arm of ["scale", "shrink"]) {
      for (const lambda of [0.9, 0.7]) expect(await page.getByTestId(`sweep-${arm}-${lambda}`).count()).toBe(1);
    }
    document = await exported();
    const control = document.findings.find(({ id }) => id.startsWith("control-"));
    expect(control?.text).toMatch(/same norm does (as well as|better than)/);
    expect(await textOf(page.getByTestId("findings-control"))).toContain("the control arm same norm");
    expect(await page.getByTestId("findings-control").getByLabel("Warning").count()).toBe(1);
  },
  patience,
);

test("a point of the sweep gives its λ to the whole view; reload keeps it; nothing serious for axe", async () => {
  const chart = page.getByRole("img", { name: /^compare accuracy against the change on old tasks/ });
  await chart.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await rest(page);
  expect(placeOf(page).searchParams.get("lambda")).toBe("0.9");
  const cell = page.getByTestId(`cell-${run.letter}-0.9-arithmetic`);
  const shown = await textOf(cell);
  expect(shown).toContain(formatPoints(rowOf(run.label, "arithmetic", 0.9).difference));
  await page.reload();
  await rest(page);
  expect(await textOf(cell)).toBe(shown);
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await rest(page);
    await shoot(page, `forgetting-${theme}`);
    expect(await seriousViolations(page)).toEqual([]);
  }
});
