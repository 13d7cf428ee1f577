/** Stories 6 and 7: opening one's own checkpoints, comparing, cancelling, resuming, and pairing with another base. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStory, placeOf, rest } from "../harness/app.ts";
import { seriousViolations } from "../harness/axe.ts";
import {
  copyDemo,
  makeSlowPair,
  slowModules,
  writeManyFiles,
  writeMismatch,
  writePickle,
} from "../harness/checkpoints.ts";
import { addFolder, cellsOf, rowOf } from "../harness/library.ts";
import { shoot } from "../harness/shots.ts";

const { page, server } = await openStory();
await page.waitForURL("**/compare**");
await rest(page, { jobs: true });

test("a new user opens a folder and sees family, kind, rank, alpha and lineage", async () => {
  copyDemo(join(server.root, "mine"), ["base", "lora-r16", "dora-r4"]);
  await page.goto(`${server.origin}/library`);
  await addFolder(page, join(server.root, "mine"));
  // The demo has items of these names; the new ones got names of their own.
  expect((await cellsOf(rowOf(page, "lora-r16-2"))).slice(1, 6)).toEqual(["LoRA", "155.6 k", "bf16", "4", "16, 32"]);
  expect((await cellsOf(rowOf(page, "dora-r4-2")))[1]).toBe("DoRA");
  await rowOf(page, "lora-r16-2").click();
  const panel = page.getByTestId("item-panel");
  await panel.getByText("28 of 28 modules found, shapes agree").waitFor();
  expect(await panel.getByText("α / r = 32 / 16 =").count()).toBe(1);
  await shoot(page, "library-light");
});

test("a comparison is paused, cancelled on the way, keeps what was finished, and resumes without computing it again", async () => {
  makeSlowPair(join(server.root, "slow"));
  await addFolder(page, join(server.root, "slow"));
  await rowOf(page, "tuned").click();
  await page.getByRole("button", { name: "Compare 1 run" }).click();
  await page.waitForURL("**/compare?runs=*");
  await page.keyboard.press("Control+j");
  const drawer = page.getByRole("dialog", { name: "Jobs" });
  const card = drawer.locator("[data-testid^=job-]").filter({ hasText: "tuned against" });
  await card.getByText(new RegExp(`\\b([3-9]|[1-5]\\d) of ${slowModules}`)).waitFor();
  await card.getByRole("button", { name: /^Pause/ }).click();
  await card.getByText(new RegExp(`^paused · \\d+ of ${slowModules} modules are kept`)).waitFor();
  expect(await seriousViolations(page)).toEqual([]);
  await card.getByRole("button", { name: "Resume" }).click();
  // What is kept is not counted again.
  await card.getByText(/^\d+ of \d+ modules/).waitFor();
  await card.getByRole("button", { name: /^Cancel/ }).click();
  await card.getByText(/cancelled/i).waitFor();
  const note = (await card.getByText(/kept/).textContent()) ?? "";
  const kept = Number(/\d+/.exec(note)?.[0]);
  expect(kept).toBeGreaterThanOrEqual(3);
  expect(kept).toBeLessThan(slowModules);
  await card.getByRole("button", { name: /Resume/ }).click();
  await rest(page, { jobs: true });
  await card.getByText(/finished/i).waitFor();
});

test("an adapter of another base: both shapes, and the base that fits", async () => {
  writeMismatch(join(server.root, "mismatch"));
  await page.goto(`${server.origin}/library`);
  await addFolder(page, join(server.root, "mismatch"));
  const row = rowOf(page, "wide-adapter");
  expect((await cellsOf(row)).at(-2)).toBe("Fits wide-base; not paired yet.");
  await row.getByRole("button", { name: "Find base" }).click();
  const sheet = page.getByRole("dialog", { name: "Base of wide-adapter" });
  expect(await sheet.getByText("0 of 4 modules fit").count()).toBeGreaterThan(0);
  await sheet.getByRole("button", { name: "Pair with small-base" }).click();
  const card = page.getByTestId("comparison-failure");
  // lora_B of q_proj has 32 rows, the small base's q_proj 16.
  await card.getByText(/lora_B is \(32, 4\), the base weight has 16 rows/).waitFor();
  await shoot(page, "library-pairing-error");
  await card.getByRole("button", { name: "Pair with wide-base" }).click();
  await page.waitForURL("**/compare?runs=*");
  await rest(page, { jobs: true });
});

test("what is no checkpoint says so, and the list stays", async () => {
  await page.goto(`${server.origin}/library`);
  await rest(page);
  const before = await page.getByRole("row").count();
  mkdirSync(join(server.root, "nothing"));
  await addFolder(page, join(server.root, "nothing"));
  await page.getByText(/"nothing" holds no checkpoint and no adapter/).waitFor();
  writePickle(join(server.root, "pickled"));
  await addFolder(page, join(server.root, "pickled"));
  expect((await cellsOf(rowOf(page, "pickled"))).at(-2)).toBe(
    "Not opened: pickle files can run code. Convert to safetensors.",
  );
  writeManyFiles(join(server.root, "many"), 10_000);
  await addFolder(page, join(server.root, "many"));
  await page.getByText(/"many" holds no checkpoint and no adapter/).waitFor();
  expect(await page.getByRole("row").count()).toBeGreaterThan(before);
  await shoot(page, "library-bad-input");
});

test("a folder outside the allowed ones is refused with the remedy", async () => {
  await page.getByRole("button", { name: "Choose folder" }).click();
  const sheet = page.getByRole("dialog", { name: "Choose a folder on this machine" });
  await sheet.getByTestId("folder-entries").waitFor(); // by then the field shows where it is
  await sheet.getByLabel("Path").fill("/etc");
  await sheet.getByRole("button", { name: "Go" }).click();
  await sheet.getByText("place.not-allowed").waitFor();
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "hidden" });
});

test("a file removed while it is shown: the row says so, what was computed stays", async () => {
  rmSync(join(server.root, "mine/lora-r16"), { recursive: true });
  await page.reload();
  await rest(page);
  const cells = await cellsOf(rowOf(page, "lora-r16-2"));
  expect(cells.slice(-2)).toEqual(['"lora-r16-2" is no longer there.', "Rescan"]);
});

test("a dropped folder: the browser gives no path, so the page explains and offers the folder sheet", async () => {
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(["x"], "model.safetensors"));
    for (const type of ["dragover", "drop"]) {
      window.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
  });
  const note = page.getByTestId("drop-note");
  await note.getByText("A browser does not say where a dropped file lies.").waitFor();
  await note.getByRole("button", { name: "Choose folder" }).click();
  await page.getByRole("dialog", { name: "Choose a folder on this machine" }).waitFor();
  await page.keyboard.press("Escape");
});

test("a Hub id that is not in the cache says so", async () => {
  await page.getByLabel("Hub id").fill("nobody/nothing");
  await page.getByLabel("Hub id").press("Enter");
  await page
    .getByText(/nobody\/nothing/)
    .first()
    .waitFor();
  await page.getByText(/cache/).first().waitFor();
});

test("Del removes from the list, Ctrl Z brings it back, and the files stay", async () => {
  await rowOf(page, "dora-r4-2").click();
  await page.keyboard.press("Delete");
  await page
    .getByTestId("undo-toast")
    .getByText(/Removed “dora-r4-2” from the list/)
    .waitFor();
  await rowOf(page, "dora-r4-2").waitFor({ state: "detached" });
  await page.keyboard.press("Control+z");
  await rowOf(page, "dora-r4-2").waitFor();
  expect(placeOf(page).pathname).toBe("/library");
});
