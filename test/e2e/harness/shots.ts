/** Screenshots for people to look at; nothing compares them. */
import { join } from "node:path";
import type { Page } from "playwright-core";

export const shotsFolder = join(import.meta.dirname, "../shots");

export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(shotsFolder, `${name}.png`) });
}
