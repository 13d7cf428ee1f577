/** End-to-end stories: the served app in Chromium. Run by `npm run e2e`, which builds the app before. */
import { defineConfig } from "vitest/config";
import { secondTry } from "../second-try.ts";

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["stories/**/*.e2e.ts"],
    globalSetup: ["../builders/temporary-folder.ts", "harness/global-setup.ts"],
    pool: "forks",
    // Each file has a server and a browser of its own; both are busy with one core each.
    maxWorkers: 2,
    // Stories take seconds; these limits are for machines whose cores others keep busy.
    testTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 120_000,
    ...secondTry,
  },
});
