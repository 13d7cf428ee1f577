/** Modules as rows of scalars: straight from their columns, with the bounds out of the stored sides. */
import { type DuckDBConnection, DuckDBListValue, VARCHAR } from "@duckdb/node-api";
import { type ModuleRow, moduleRow } from "../../contract/domain/cells.ts";
import { role } from "../../contract/domain/checkpoint.ts";
import { errorCodes } from "../../contract/errors.ts";
import { boundsOfSides, decodeBounds } from "./bounds.ts";
import { validated } from "./json.ts";
import { queryDecoded, type Row, TEXT_LIST, textList } from "./sql.ts";

type Quantity = "frobenius" | "spectral" | "relative" | "stableRank" | "entropyRank" | "participation" | "energy50";
type More = "energy90" | "energy95" | "energy99" | "decayExponent" | "unchangedShare" | "intruderEnergy" | "pressure";

/** Columns that hold one number, which may be absent. */
const QUANTITIES: Record<Quantity | More, string> = {
  frobenius: "delta_frobenius",
  spectral: "delta_spectral",
  relative: "delta_relative",
  stableRank: "effective_rank_stable",
  entropyRank: "effective_rank_entropy",
  participation: "effective_rank_participation",
  energy50: "effective_rank_energy50",
  energy90: "effective_rank_energy90",
  energy95: "effective_rank_energy95",
  energy99: "effective_rank_energy99",
  decayExponent: "decay_exponent",
  unchangedShare: "rounding_unchanged_share",
  intruderEnergy: "intruder_energy",
  pressure: "pressure",
};
const FIELDS = Object.entries(QUANTITIES) as [Quantity | More, string][];
const OTHERS = `analysis, name, layer, kind, "group", expert, shape_out, shape_in, status, error_code, error_message, decay_law,
  rounding_verdict, intruders, undecided, delta_method, decision_method, seconds, bounds_left, bounds_right,
  CASE WHEN bounds_left IS NULL AND bounds_right IS NULL THEN sides END AS sides`;
const SELECT = `SELECT ${OTHERS}, ${FIELDS.map(([, column]) => column).join(", ")}`;

/** Rows of these analyses, in their order, then by layer and name. Never a list of singular values. */
export async function readCells(connection: DuckDBConnection, analyses: readonly string[]): Promise<ModuleRow[]> {
  const rows = await queryDecoded(
    connection,
    decodeCell,
    `${SELECT} FROM module WHERE analysis IN (SELECT unnest($1)) ORDER BY layer NULLS LAST, name`,
    [textList(analyses)],
    [TEXT_LIST],
  );
  const place = new Map(analyses.map((analysis, index) => [analysis, index]));
  return rows.sort((one, other) => (place.get(one.analysis) ?? 0) - (place.get(other.analysis) ?? 0));
}

/** Checked by hand: a schema takes longer for 20,000 rows than everything else together. */
function decodeCell(row: Row): ModuleRow {
  const quantities = Object.fromEntries(FIELDS.map(([field, column]) => [field, numberOrNull(row[column])]));
  return {
    ...(quantities as Record<Quantity | More, number | null>),
    analysis: String(row.analysis),
    name: String(row.name),
    layer: numberOrNull(row.layer),
    kind: String(row.kind),
    group: GROUPS.get(String(row.group)) ?? "other",
    expert: numberOrNull(row.expert),
    shape: [Number(row.shape_out), Number(row.shape_in)],
    status: row.status === "measured" ? "measured" : "failed",
    error: textOrNull(row.error_message),
    errorCode: CODES.get(String(row.error_code)) ?? null,
    decayLaw: textOrNull(row.decay_law),
    roundingVerdict: textOrNull(row.rounding_verdict),
    bounds: boundsOf(row),
    intruders: numberOrNull(row.intruders),
    undecided: numberOrNull(row.undecided),
    method: textOrNull(row.delta_method),
    decisionMethod: textOrNull(row.decision_method),
    seconds: Number(row.seconds),
  };
}

const CODES = new Map(errorCodes.map((code) => [String(code), code]));
const GROUPS = new Map(role.shape.group.options.map((group) => [String(group), group]));

function numberOrNull(value: Row[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function textOrNull(value: Row[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** Rows that version 1 or 2 wrote hold their bounds only in the text of their sides. */
function boundsOf(row: Row): ModuleRow["bounds"] {
  const where = `module ${row.name}`;
  if (row.sides !== null) return boundsOfSides(String(row.sides), where);
  return { left: decodeBounds(row.bounds_left, where), right: decodeBounds(row.bounds_right, where) };
}

/** What E(k) is drawn from. */
export interface SpectrumRow {
  name: string;
  layer: number | null;
  kind: string;
  shape: [number, number];
  singularValues: readonly number[];
  energy90: number | null;
}

/** Singular values of ΔW of every measured module, of these kinds where any are named. */
export function readSpectra(
  connection: DuckDBConnection,
  analysis: string,
  kinds: readonly string[] | undefined,
): Promise<SpectrumRow[]> {
  const condition = kinds === undefined ? "" : "AND kind IN (SELECT unnest($2))";
  const sql = `SELECT name, layer, kind, shape_out, shape_in, delta_singular_values, effective_rank_energy90
    FROM module WHERE analysis = $1 AND delta_method IS NOT NULL ${condition} ORDER BY layer NULLS LAST, name`;
  const values = kinds === undefined ? [analysis] : [analysis, textList(kinds)];
  return queryDecoded(connection, decodeSpectrum, sql, values, [VARCHAR, TEXT_LIST].slice(0, values.length));
}

function decodeSpectrum(row: Row): SpectrumRow {
  const { name, layer, kind, shape_out: out, shape_in: input, delta_singular_values: values } = row;
  const facts = validated(spectrumFacts, { name, layer, kind }, `module ${name}`);
  const singularValues = values instanceof DuckDBListValue ? (values.items as number[]) : [];
  const shape: [number, number] = [Number(out), Number(input)];
  return { ...facts, shape, singularValues, energy90: numberOrNull(row.effective_rank_energy90) };
}

const spectrumFacts = moduleRow.pick({ name: true, layer: true, kind: true });
