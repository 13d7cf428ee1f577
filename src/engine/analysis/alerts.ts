/** What is odd about one measured module, said beside its numbers. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { ModuleMeasures } from "../../contract/domain/analysis.ts";

export function runAlerts(module: ModuleMeasures): Alert[] {
  if (module.status === "failed") return [failureAlert(module)];
  const alerts: Alert[] = [];
  if (module.delta?.frobenius === 0) {
    alerts.push(makeAlert("analysis.undefined", "ΔW is zero: its effective ranks have no value.", module.name, "info"));
  }
  const climbed = Object.values(module.sides).flatMap((side) => side?.decision.climbed ?? []);
  if (climbed.length > 0) {
    alerts.push(makeAlert("analysis.climbed", climbed.join("; "), module.name, "info"));
  }
  return alerts;
}

function failureAlert(module: ModuleMeasures): Alert {
  const code = module.error?.code === "analysis.not-finite" ? "analysis.not-finite" : "analysis.module-failed";
  return makeAlert(code, module.error?.message ?? "not measured", module.name, "error");
}
