/** The numbers of a chart as a table: shown on D, saved as CSV. */

export type ChartCell = string | number | null;

export interface ChartTable {
  columns: readonly string[];
  /** Full precision; a reader rounds. */
  rows: readonly (readonly ChartCell[])[];
}
