/** What is odd about the measured modules of a run: one alert for each kind of thing, however many modules show it. */
import { type Alert, type AlertCode, makeAlert } from "../../contract/alerts.ts";
import type { ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { ErrorDocument } from "../../contract/errors.ts";
import { formatNumberOf } from "../../contract/format.ts";
import type { Pairing } from "../pairing/pairing.ts";

/** Names said in an alert that speaks of many; the modules themselves hold the rest. */
const namesSaid = 3;

/** How the numeric crate ends its record of sums in f32 that were repeated in f64: a choice of precision, no failure. */
const precisionRecord = "summed in f64";

/** One thing to say of one module or tensor. */
interface Remark {
  code: AlertCode;
  /** Remarks of one subject become one alert. */
  subject: string;
  message: string;
  place: string;
  severity: Alert["severity"];
}

/** @param kind of what was compared with the base */
export function moduleAlerts(modules: readonly ModuleMeasures[], kind: Pairing["kind"]): Alert[] {
  return together(
    modules.flatMap((module) => remarksOn(module, kind)),
    "module",
  );
}

/** Tensors outside the matrices that could not be measured. */
export function failedVectorAlerts(
  failures: readonly { name: string; error: ErrorDocument }[],
  kind: Pairing["kind"],
): Alert[] {
  return together(
    failures.map(({ name, error }) => failure(name, error, kind)),
    "norm or bias",
    "norms and biases",
  );
}

function remarksOn(module: ModuleMeasures, kind: Pairing["kind"]): Remark[] {
  const { name: place, error, delta } = module;
  if (module.status === "failed") return [failure(place, error, kind)];
  const remarks: Remark[] = [];
  if (delta?.frobenius === 0) {
    const message = "ΔW is zero: its effective ranks have no value.";
    remarks.push({ code: "analysis.undefined", subject: "zero", message, place, severity: "info" });
  }
  const records = Object.values(module.sides).flatMap((side) => side?.decision.climbed ?? []);
  const climbed = records.filter((record) => !record.endsWith(precisionRecord));
  if (climbed.length > 0) {
    remarks.push({ code: "analysis.climbed", subject: "", message: climbed.join("; "), place, severity: "info" });
  }
  return remarks;
}

function failure(place: string, error: ErrorDocument | null, kind: Pairing["kind"]): Remark {
  const subject = error?.code ?? "";
  const message = error?.message ?? "not measured";
  if (error?.code !== "analysis.not-finite") {
    return { code: "analysis.module-failed", subject, message, place, severity: "error" };
  }
  // The numeric crate names the tensor that holds the values; `base` stands for the matrix of the base.
  const { where } = error;
  const isTuned = where !== undefined && where !== place && where !== "base";
  const code = isTuned && kind === "adapter" ? "adapter.not-finite" : "analysis.not-finite";
  const told = where === undefined || where === place ? message : `${where}: ${message}`;
  return { code, subject, message: told, place, severity: "error" };
}

function together(remarks: readonly Remark[], singular: string, plural?: string): Alert[] {
  const groups = Map.groupBy(remarks, ({ code, subject }) => `${code} ${subject}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [makeAlert(first.code, sentence(group, first, singular, plural), first.place, first.severity)];
  });
}

function sentence(group: readonly Remark[], first: Remark, singular: string, plural?: string): string {
  if (group.length === 1) return first.message;
  const names = group.slice(0, namesSaid).map(({ place }) => place);
  const more = group.length > namesSaid ? " and others" : "";
  const same = group.every(({ message }) => message === first.message);
  const count = formatNumberOf(group.length, singular, plural);
  return `${count} (${names.join(", ")}${more}): ${same ? first.message : `the first: ${first.message}`}`;
}
