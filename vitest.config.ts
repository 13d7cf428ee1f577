import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tools/**/*.test.ts", "test/**/*.test.ts"],
    // The addon holds one thread pool per process; two processes fill the two cores that CI has.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
