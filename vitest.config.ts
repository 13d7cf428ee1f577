import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { secondTry } from "./test/second-try.ts";

/** Two projects: plain Node for the engine, its shells and its tools; jsdom for the components of the renderer. */
export default defineConfig({
  test: {
    // The addon holds one thread pool per process; two processes fill the two cores that CI has.
    pool: "forks",
    maxWorkers: 2,
    // A busy machine takes ten times as long as a free one. Preparations open engines and analyse the demo, as tests do.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is waited for is mostly another process; a limit that is never reached costs nothing.
    expect: { poll: { timeout: 30_000 } },
    ...secondTry,
    globalSetup: ["test/builders/temporary-folder.ts"],
    // The developer's own token takes no part.
    env: { DELTASCOPE_KEYCHAIN: "off" },
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["{src,tools,test,main,renderer}/**/*.test.ts"],
        },
      },
      {
        extends: true,
        plugins: [react()],
        test: {
          name: "components",
          environment: "jsdom",
          include: ["renderer/**/*.test.tsx"],
          setupFiles: ["renderer/testing/setup.ts"],
          globalSetup: ["test/builders/demo-workspace.ts"],
          css: { modules: { classNameStrategy: "non-scoped" } },
        },
      },
    ],
  },
});
