/** What people do in the Library. */
import type { Locator, Page } from "playwright-core";
import { rest } from "./app.ts";

/** Goes through the folder sheet, as a browser has no other way. */
export async function addFolder(page: Page, folder: string): Promise<void> {
  await page.getByRole("button", { name: "Choose folder" }).first().click();
  const sheet = page.getByRole("dialog", { name: "Choose a folder on this machine" });
  await sheet.waitFor();
  await rest(page);
  await sheet.getByLabel("Path").fill(folder);
  await sheet.getByRole("button", { name: "Go" }).click();
  await rest(page);
  await sheet.getByRole("button", { name: "Open this folder" }).click();
  await sheet.waitFor({ state: "hidden" });
  await rest(page);
}

/** The row of an item by its exact name; `last` where the demo has one of the same name. */
export function rowOf(page: Page, label: string): Locator {
  return page.getByRole("row").filter({ has: page.getByText(label, { exact: true }) });
}

/** Texts of a row's cells. */
export async function cellsOf(row: Locator): Promise<string[]> {
  return (await row.locator("td").allInnerTexts()).map((text) => text.trim());
}
