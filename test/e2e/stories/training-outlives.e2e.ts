/** A fine-tune that outlives the app, as its user chose: the app is killed, comes back, and shows the run live. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { noPython } from "../../builders/trainer-python.ts";
import { openStory, placeOf, rest, textOf } from "../harness/app.ts";
import { seriousViolations } from "../harness/axe.ts";
import { shoot } from "../harness/shots.ts";
import { trainingPython } from "../harness/training-python.ts";

const python = trainingPython();
if (python !== undefined) process.env.DELTASCOPE_PYTHON = python;
const patience = 600_000;
const slow = { timeout: patience };

describe.skipIf(python === undefined)(python === undefined ? noPython : "runs that outlive the app", async () => {
  if (python === undefined) return;
  const { page, server, browser } = await openStory();

  test(
    "the choice in the settings, a killed server, steps that go on, the same page live again, and its stop",
    async () => {
      await page.goto(`${server.origin}/settings/compute`);
      const choice = page.getByRole("group", { name: "Fine-tunes when the app closes" });
      await choice.getByRole("radio", { name: "Keep training" }).click();
      await page.getByText(/A sweep goes on with its next run then/).waitFor();
      await rest(page);
      expect(await seriousViolations(page)).toEqual([]);
      await shoot(page, "settings-keep-training");

      const save = { every: 20, keep: "all" };
      const recipe = { preset: "quick-demo", epochs: null, max_steps: 5000, save, eval: { every: null, tasks: [] } };
      await page.goto(`${server.origin}/training/new?recipe=${encodeURIComponent(JSON.stringify(recipe))}`);
      await page.getByTestId("tokens").waitFor(slow);
      await rest(page);
      await page.keyboard.press("Control+Enter");
      await page.waitForURL(/\/training\/run\//);
      const { pathname } = placeOf(page);
      const step = async () => Number(await textOf(page.getByTestId("step")));
      await expect.poll(step, slow).toBeGreaterThan(3);
      await page.getByText("when the app closes, this run keeps training").waitFor();

      const folder = join(server.workspace, "runs", pathname.split("/").at(-1) ?? "");
      const before = stepsIn(folder).length;
      await server.kill();
      await expect.poll(() => stepsIn(folder).length, slow).toBeGreaterThan(before + 20);
      browser.takeErrors(); // of the connection that broke

      await server.restart();
      await page.goto(server.address);
      await page.goto(server.origin + pathname);
      await page.locator("[data-testid=training-run][data-state=running]").waitFor(slow);
      browser.takeErrors();
      await expect.poll(step, slow).toBeGreaterThan(before + 20);
      const back = await step();
      await expect.poll(step, slow).toBeGreaterThan(back);
      // What was saved while nobody watched is measured too.
      await page.getByRole("img", { name: /^Effective rank of ΔW by step/ }).waitFor(slow);
      await shoot(page, "training-back-again");

      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await page.getByRole("menuitem", { name: "Stop and keep a checkpoint" }).click();
      await page.locator("[data-testid=training-run][data-state=cancelled]").waitFor(slow);
      await rest(page, { jobs: true });
      const last = await step();
      await page.getByTestId(`checkpoint-${last}`).waitFor(slow);
      expect(stepsIn(folder)).toEqual(Array.from({ length: last }, (_, index) => index + 1));
      expect(existsSync(join(folder, "trainer.pid.json"))).toBe(false);
    },
    patience,
  );
});

function stepsIn(folder: string): number[] {
  return readFileSync(join(folder, "events.jsonl"), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line))
    .flatMap(({ type, step }) => (type === "progress" ? [step] : []));
}
