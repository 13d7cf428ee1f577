/** Which column holds which field of a module's measures; the order is the table's. */
import { BIGINT, BOOLEAN, DOUBLE, type DuckDBType, INTEGER, LIST, VARCHAR } from "@duckdb/node-api";

/** How a field stands in its column: as itself, or as JSON text. */
export interface ModuleColumn {
  column: string;
  type: DuckDBType;
  /** Fields from the measures down to the value. */
  path: readonly string[];
  json: boolean;
  /** In the contract the field is absent rather than null. */
  optional: boolean;
}

export const NUMBERS = LIST(DOUBLE);
export const TEXTS = LIST(VARCHAR);

function column(name: string, type: DuckDBType, path: string, form?: "json" | "optional"): ModuleColumn {
  return { column: name, type, path: path.split("."), json: form === "json", optional: form === "optional" };
}

/** Several fields of one part, in columns named after `prefix` and the field. */
function columns(prefix: string, path: string, type: DuckDBType, fields: readonly string[]): ModuleColumn[] {
  return fields.map((field) => column(`${prefix}_${snakeCase(field)}`, type, `${path}.${field}`));
}

export function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const ENERGY_RANKS = ["stable", "entropy", "participation", "energy50", "energy90"];

export const MODULE_COLUMNS: readonly ModuleColumn[] = [
  column("name", VARCHAR, "name"),
  column("layer", INTEGER, "layer"),
  column("kind", VARCHAR, "kind"),
  column("group", VARCHAR, "group"),
  column("expert", INTEGER, "expert"),
  column("shape_out", BIGINT, "shape.0"),
  column("shape_in", BIGINT, "shape.1"),
  column("status", VARCHAR, "status"),
  column("error_code", VARCHAR, "error.code"),
  column("error_message", VARCHAR, "error.message"),
  column("error_where", VARCHAR, "error.where", "optional"),
  column("error_retryable", BOOLEAN, "error.retryable"),
  column("error_tip", VARCHAR, "error.tip", "optional"),
  ...columns("delta", "delta", DOUBLE, ["frobenius", "spectral", "relative"]),
  column("delta_method", VARCHAR, "delta.method"),
  column("delta_resolution", DOUBLE, "delta.resolution"),
  column("delta_singular_values", NUMBERS, "delta.singularValues"),
  ...columns("effective_rank", "delta.effectiveRank", DOUBLE, [...ENERGY_RANKS, "energy95", "energy99"]),
  column("decay_law", VARCHAR, "delta.decay.law"),
  ...columns("decay", "delta.decay", DOUBLE, ["exponent", "exponentLow", "exponentHigh", "rate"]),
  column("decay_r2_power", DOUBLE, "delta.decay.r2Power"),
  column("decay_r2_exponential", DOUBLE, "delta.decay.r2Exponential"),
  column("decay_kept", BIGINT, "delta.decay.kept"),
  ...columns("noise_reference", "delta.noiseReference", DOUBLE, [...ENERGY_RANKS, "energy99"]),
  ...columns("rounding", "rounding", DOUBLE, ["floorFrobenius", "edge", "safeEdge", "unchangedShare"]),
  column("rounding_above_edge", BIGINT, "rounding.aboveEdge"),
  ...columns("rounding", "rounding", DOUBLE, ["signalShare", "keptSignal"]),
  column("rounding_verdict", VARCHAR, "rounding.verdict"),
  column("base_frobenius", DOUBLE, "base.frobenius"),
  ...columns("base", "base", NUMBERS, ["singularValues", "residuals"]),
  column("tuned_frobenius", DOUBLE, "tuned.frobenius"),
  ...columns("tuned", "tuned", NUMBERS, ["singularValues", "residuals"]),
  column("intruders", BIGINT, "intruders"),
  column("intruder_energy", DOUBLE, "intruderEnergy"),
  column("undecided", BIGINT, "undecided"),
  column("decision_method", VARCHAR, "decision.method"),
  column("decision_steps", BIGINT, "decision.steps"),
  column("decision_degenerate", BOOLEAN, "decision.degenerate"),
  column("decision_climbed", TEXTS, "decision.climbed"),
  column("pressure", DOUBLE, "pressure"),
  column("critical_strength", DOUBLE, "criticalStrength"),
  column("seconds", DOUBLE, "seconds"),
  column("vectors", VARCHAR, "vectors", "json"),
  column("sides", VARCHAR, "sides", "json"),
];

/** Parts that may be null as a whole, inner ones first, each with a field that it always has. */
export const NULLABLE_PARTS: readonly { path: readonly string[]; always: string }[] = [
  { path: ["delta", "decay"], always: "law" },
  { path: ["delta", "noiseReference"], always: "stable" },
  { path: ["delta"], always: "method" },
  { path: ["rounding"], always: "verdict" },
  { path: ["base"], always: "frobenius" },
  { path: ["tuned"], always: "frobenius" },
  { path: ["decision"], always: "method" },
  { path: ["error"], always: "code" },
];
