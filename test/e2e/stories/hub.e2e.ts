/** A model of the Hub in the app: looked at, downloaded, stopped, resumed, compared; and the ways in which it is refused. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeAdapter, writeCheckpoint } from "../../builders/checkpoint.ts";
import { temporaryFolder } from "../../builders/folders.ts";
import { sha256, startHub } from "../../builders/hub-server.ts";
import { openStory, rest } from "../harness/app.ts";
import { seriousViolations } from "../harness/axe.ts";
import { cellsOf, rowOf } from "../harness/library.ts";
import { shoot } from "../harness/shots.ts";

const hub = await startHub();
afterAll(() => hub.close());
const model = writeCheckpoint(join(temporaryFolder("hub"), "tiny"), { shape: { vocabulary: 20_000 } });
const adapter = writeAdapter(join(temporaryFolder("hub"), "lora"), {
  config: { base_model_name_or_path: "owner/tiny" },
});
const commit = hub.publish("owner/tiny", model, { licence: "apache-2.0" });
hub.publish("owner/start", writeCheckpoint(join(temporaryFolder("hub"), "start")), { licence: "apache-2.0" });
const rows = temporaryFolder("rows");
writeFileSync(join(rows, "train.jsonl"), JSON.stringify({ instruction: "Is it?", input: "", output: "Yes, it is" }));
hub.publish("datasets/owner/rows", rows);
const questions = temporaryFolder("questions");
const choices = { label: ["A", "B"], text: ["red", "blue"] };
writeFileSync(
  join(questions, "validation.jsonl"),
  JSON.stringify({ id: "1", question: "Which is the sky?", choices, answerKey: "B" }),
);
hub.publish("datasets/tau/commonsense_qa", questions, { licence: "mit" });
hub.publish("owner/lora", adapter);
hub.publish("owner/closed", adapter, { gated: "hf_other" });
const weights = sha256(readFileSync(join(model, "model.safetensors")));

const { page, server } = await openStory({ variables: { HF_ENDPOINT: hub.endpoint, HF_TOKEN: "hf_mine" } });
await page.waitForURL("**/compare**");
await rest(page, { jobs: true });

const drawer = page.getByRole("dialog", { name: "Jobs" });
const sheet = page.getByTestId("hub-sheet");

async function ask(id: string): Promise<void> {
  await page.goto(`${server.origin}/library`);
  await page.getByLabel("Hub id").fill(id);
  await page.getByLabel("Hub id").press("Enter");
}

test("size, licence and kind are shown before a byte of the weights is loaded", async () => {
  await ask("owner/tiny");
  await sheet.getByText("apache-2.0").waitFor();
  await sheet.getByText(commit).waitFor();
  await sheet.getByText(/Qwen2ForCausalLM, 324\.0 k parameters, F32/).waitFor();
  expect(await seriousViolations(page)).toEqual([]);
  await shoot(page, "hub-sheet");
  const largest = hub.seen.map(({ range }) => Number(range?.split("-")[1] ?? 0));
  expect(Math.max(...largest)).toBeLessThan(131_072);
});

test("the download is a job that can be cancelled and goes on where it stopped", async () => {
  hub.fail({ at: weights, host: "store", hangAfter: 600_000 });
  await sheet.getByRole("button", { name: "Download 1.3 MB" }).click();
  const card = drawer.locator("li").filter({ hasText: "owner/tiny from the Hub" });
  await card.getByText(/of 1\.3 MB/).waitFor();
  await expect.poll(() => hub.seen.filter(({ host }) => host === "store").length).toBeGreaterThan(1);
  await card.getByText(/^\d{3}(\.\d)? kB of 1\.3 MB/).waitFor();
  await shoot(page, "hub-download");
  await card.getByRole("button", { name: /^Cancel/ }).click();
  await card.getByText(/kB of 1\.3 MB are kept/).waitFor();
  hub.seen.length = 0;
  await card.getByRole("button", { name: "Resume" }).click();
  await card.getByText(/finished/).waitFor();
  expect(hub.seen.filter(({ host }) => host === "store").at(-1)?.range).toMatch(/^bytes=\d{5,6}-$/);
  await rest(page, { jobs: true });
  await page.goto(`${server.origin}/library`);
  await rowOf(page, "tiny").waitFor();
  expect((await cellsOf(rowOf(page, "tiny")))[1]).toBe("base");
});

test("its adapter finds it as its base, and the two are compared", async () => {
  await ask("hf://owner/lora@main");
  await sheet.getByRole("button", { name: /^Download/ }).click();
  await drawer
    .locator("li")
    .filter({ hasText: "owner/lora@main from the Hub" })
    .getByText(/finished/)
    .waitFor();
  await page.goto(`${server.origin}/library`);
  await rowOf(page, "lora").dblclick();
  await page.waitForURL("**/compare?runs=*");
  await rest(page, { jobs: true });
});

test("a fine-tune names base and rows by their ids: told, downloaded from the form, and the form goes on", async () => {
  await page.goto(`${server.origin}/training/new`);
  // The recipe that a new run starts from has come.
  await rest(page);
  await page.getByLabel("Hub id of the base").fill("owner/start");
  await page.getByLabel("Hub id of the base").press("Enter");
  const offer = (name: string) => page.getByTestId("hub-offer").filter({ hasText: `${name} is not on this machine` });
  await offer("owner/start").getByRole("button", { name: "Ask the Hub" }).click();
  await offer("owner/start").getByText("licence apache-2.0").waitFor();
  await page.getByLabel("Hub id of a data set").fill("https://huggingface.co/datasets/owner/rows");
  await page.getByLabel("Hub id of a data set").press("Enter");
  await page.getByLabel("Format of rows").selectOption("alpaca");
  await offer("datasets/owner/rows").getByRole("button", { name: "Ask the Hub" }).click();
  await offer("datasets/owner/rows").getByText("1 file, ").waitFor();
  expect(await seriousViolations(page)).toEqual([]);
  await shoot(page, "hub-recipe");
  await offer("owner/start")
    .getByRole("button", { name: /^Download/ })
    .click();
  await offer("datasets/owner/rows")
    .getByRole("button", { name: /^Download/ })
    .click();
  await expect.poll(() => page.getByTestId("hub-offer").count()).toBe(0);
  await page.getByText(/is neither a path here/).waitFor({ state: "hidden" });
});

test("the data of a ready-made task is downloaded from the sheet that asks for it", async () => {
  await page.goto(`${server.origin}/forgetting?sheet=evaluate`);
  await page.getByRole("button", { name: /ready-made tasks$/ }).click();
  const task = page.getByTestId("task-commonsense_qa");
  await task.getByRole("checkbox").check();
  await task.getByRole("button", { name: "Ask the Hub" }).click();
  await task.getByText("licence mit").waitFor();
  expect(await seriousViolations(page)).toEqual([]);
  await shoot(page, "hub-task");
  await task.getByRole("button", { name: /^Download/ }).click();
  await task.getByText("validation.jsonl").waitFor();
  await expect.poll(() => page.getByTestId("hub-offer").count()).toBe(0);
});

test.each([
  ["owner/none", "hub.not-found"],
  ["owner/closed", "hub.gated"],
])("%s is refused with its reason", async (id, code) => {
  await ask(id);
  await page.getByTestId("add-error").getByText(code).waitFor();
});

test("with the network off nothing is asked", async () => {
  await page.goto(`${server.origin}/settings/privacy`);
  // The choice shows only when the engine has kept it, which `check` does not wait for.
  await page.getByRole("radio", { name: "Off" }).click({ force: true });
  await page.getByText(/Nothing leaves this machine/).waitFor();
  hub.seen.length = 0;
  await ask("owner/none");
  await page.getByTestId("add-error").getByText("hub.network-off").waitFor();
  expect(hub.seen).toEqual([]);
});
