/** On CI a test that failed is tried once more, and the run ends with the names of those that needed it. */
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Names the tests that failed first and passed then, with what they said: each is a race to be mended. */
class SecondTryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lucky = modules
      .flatMap(({ children }) => [...children.allTests()])
      .filter((test) => test.diagnostic()?.flaky);
    if (lucky.length === 0) return;
    console.log(`\nPassed only at the second try (${lucky.length}):\n${lucky.map(tell).join("\n")}`);
  }
}

function tell(test: TestCase): string {
  return `  ${test.module.relativeModuleId} > ${test.fullName}\n    ${test.result().errors?.[0]?.message.split("\n")[0]}`;
}

/** For every configuration of vitest. Why: docs/decisions/0013. */
export const secondTry = {
  retry: process.env.CI ? 1 : 0,
  reporters: ["default" as const, new SecondTryReporter()],
};
