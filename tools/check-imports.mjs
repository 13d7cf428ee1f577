// Runs dependency-cruiser over the import table, with a floor on the number of modules: a rule that sees nothing
// would pass in silence.
import { cruise } from "dependency-cruiser";
import configuration from "../.dependency-cruiser.mjs";

/** Raise it as the project grows. */
const leastModules = 450;

const { output } = await cruise(["src", "main", "renderer", "bin", "tools", "test"], {
  ruleSet: { forbidden: configuration.forbidden },
  validate: true,
  exclude: { path: "^(demo|dist)/" },
  ...configuration.options,
});

const { summary } = output;
for (const violation of summary.violations) {
  console.error(`${violation.rule.name}: ${violation.from} → ${violation.to}`);
}
if (summary.totalCruised < leastModules) {
  console.error(`Only ${summary.totalCruised} modules were looked at, at least ${leastModules} are expected.`);
  process.exit(1);
}
console.log(`${summary.totalCruised} modules, ${summary.violations.length} violations.`);
process.exit(summary.violations.length === 0 ? 0 : 1);
