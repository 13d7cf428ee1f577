/** Modules as rows of the table: one per run and module, with the columns that sort, filter and copy share. */
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import {
  formatCosine,
  formatCount,
  formatEffectiveRank,
  formatSeconds,
  formatShare,
  formatSignificant,
  undefinedQuantity,
} from "../../../../src/contract/format.ts";
import type { TrackRows } from "./grid.ts";
import { isEstimated } from "./metrics.ts";
import type { Decider, Decision } from "./test-settings.ts";

export interface TableRow {
  /** Unique over runs. */
  id: string;
  run: AppRun;
  row: ModuleRow;
  decision: Decision | undefined;
}

export type ColumnValue = number | string | null;

export interface Column {
  id: string;
  label: string;
  /** Numbers stand right and sort from high to low first. */
  numeric: boolean;
  value: (row: TableRow) => ColumnValue;
  text: (row: TableRow) => string;
  /** Width in px. */
  width: number;
  /** Not shown until asked for. */
  optional?: boolean;
  term?: string;
}

const narrowSpace = "\u202F";

function number(
  id: string,
  label: string,
  width: number,
  value: (row: TableRow) => number | null,
  format: (value: number | null) => string,
  more: Partial<Column> = {},
): Column {
  return { id, label, numeric: true, width, value, text: (row) => format(value(row)), ...more };
}

function words(
  id: string,
  label: string,
  width: number,
  value: (row: TableRow) => string,
  more: Partial<Column> = {},
): Column {
  return { id, label, numeric: false, width, value, text: value, ...more };
}

function estimated(id: "intruders" | "energy" | "cosine", format: (value: number | null) => string) {
  return (row: TableRow, value: number | null) =>
    isEstimated(id, row.decision) ? `≈ ${format(value)}` : format(value);
}

const cosineText = estimated("cosine", formatCosine);

/** "bounds, 32 steps" is the engine's word for a decision by bounds. */
function methodText({ row }: TableRow): string {
  return row.decisionMethod ?? row.method ?? undefinedQuantity;
}

export function shapeText([out, into]: readonly [number, number]): string {
  return `${formatCount(out)}${narrowSpace}×${narrowSpace}${formatCount(into)}`;
}

/** The usual ones together fit a window of 1280 px beside the scroll bar. */
export const columns: readonly Column[] = [
  words("run", "Run", 122, ({ run }) => run.label),
  number(
    "layer",
    "Layer",
    56,
    ({ row }) => row.layer,
    (value) => (value === null ? undefinedQuantity : String(value)),
  ),
  words("kind", "Kind", 92, ({ row }) => (row.expert === null ? row.kind : `${row.kind} · ${row.expert}`)),
  {
    ...words("shape", "Shape", 112, ({ row }) => shapeText(row.shape)),
    value: ({ row }) => row.shape[0] * row.shape[1],
  },
  number("intruders", "Intruders", 96, ({ decision }) => decision?.intruders ?? null, formatCount, {
    term: "Intruder dimension",
    text: ({ row, decision }) => intruderText(row, decision),
  }),
  number("energy", "Energy", 68, ({ decision }) => decision?.energy ?? null, formatShare, { term: "Intruder energy" }),
  number("cosine", "Lowest max |cos|", 118, ({ decision }) => decision?.cosine.lower ?? null, formatCosine, {
    term: "max |cos|",
    text: (row) => cosineText(row, row.decision?.cosine.lower ?? null),
  }),
  number("change", "Relative change", 132, ({ row }) => row.relative, formatShare, { term: "Relative change" }),
  number("erank", "Eff. rank", 74, ({ row }) => row.entropyRank, formatEffectiveRank, {
    term: "Effective rank (entropy)",
  }),
  number("k50", "k50", 48, ({ row }) => row.energy50, formatCount),
  number("k90", "k90", 48, ({ row }) => row.energy90, formatCount, { term: "k90" }),
  number("k99", "k99", 48, ({ row }) => row.energy99, formatCount, { optional: true }),
  number("stable", "Stable rank", 92, ({ row }) => row.stableRank, formatEffectiveRank, {
    optional: true,
    term: "Stable rank",
  }),
  number("participation", "Participation", 100, ({ row }) => row.participation, formatEffectiveRank, {
    optional: true,
    term: "Participation ratio",
  }),
  number("sigma", "σ₁ of ΔW", 84, ({ row }) => row.spectral, formatSignificant, { optional: true }),
  number("norm", "‖ΔW‖", 76, ({ row }) => row.frobenius, formatSignificant, { optional: true }),
  number("pressure", "Pressure", 78, ({ row }) => row.pressure, formatSignificant, { optional: true }),
  number("unchanged", "Unchanged", 92, ({ row }) => row.unchangedShare, formatShare, { optional: true }),
  words("method", "Method", 108, methodText),
  number("time", "Time", 68, ({ row }) => row.seconds, formatSeconds),
];

function intruderText(row: ModuleRow, decision: Decision | undefined): string {
  if (row.status === "failed") return "failed";
  if (decision === undefined) return undefinedQuantity;
  return decision.undecided > 0 ? `≥ ${decision.intruders}` : formatCount(decision.intruders);
}

const byId = new Map(columns.map((column) => [column.id, column]));

export function columnOf(id: string): Column | undefined {
  return byId.get(id);
}

const made = new WeakMap<ModuleRow, { run: AppRun; decide: Decider; row: TableRow }>();

/** Rows of all tracks; a row whose module, run and settings did not change keeps its identity. */
export function tableRows(tracks: readonly TrackRows[], decide: Decider): TableRow[] {
  return tracks.flatMap(({ run, rows }) => rows.map((row) => tableRow(run, row, decide)));
}

function tableRow(run: AppRun, row: ModuleRow, decide: Decider): TableRow {
  const known = made.get(row);
  if (known && known.run === run && known.decide === decide) return known.row;
  const fresh: TableRow = { id: `${run.id}/${row.name}`, run, row, decision: decide(row) };
  made.set(row, { run, decide, row: fresh });
  return fresh;
}
