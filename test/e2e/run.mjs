// Runs the end-to-end stories, or says in one line what is missing for them. Arguments go to vitest.
import { spawnSync } from "node:child_process";
import { findChromium, howToInstall } from "./harness/chromium.mjs";

if (findChromium() === undefined) {
  console.error(`The end-to-end stories did not run: ${howToInstall}`);
  process.exit(process.env.CI ? 1 : 0);
}

for (const command of [
  "npm run build",
  `vitest run --config test/e2e/vitest.config.ts ${process.argv.slice(2).join(" ")}`,
]) {
  const { status } = spawnSync(command, { shell: true, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
