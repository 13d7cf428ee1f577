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
  const { error } = module;
  if (error?.code !== "analysis.not-finite") {
    return makeAlert("analysis.module-failed", error?.message ?? "not measured", module.name, "error");
  }
  const factor = error.where?.startsWith("factor ") === true ? error.where : undefined;
  if (factor === undefined) return makeAlert("analysis.not-finite", error.message, module.name, "error");
  return makeAlert("adapter.not-finite", `${factor}: ${error.message}`, module.name, "error");
}
