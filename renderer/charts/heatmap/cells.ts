/** What a heatmap draws; it knows places and colours, and nothing of runs and modules. */

/** How a cell stands: with a value, without one for a reason, or still to come. */
export type HeatState = "value" | "zero" | "estimated" | "waiting" | "failed" | "absent" | "unmeasured";

export interface HeatCell {
  state: HeatState;
  /** Index of the colour table. */
  colour: number;
  /** Number of the ring; none for 0. */
  marks: number;
  /** Written in wide cells. */
  label: string;
}

export interface HeatRow {
  id: string;
  label: string;
  /** One cell per column, or a single one over all of them. */
  cells: readonly HeatCell[];
}

/** What stands at the right of a row; without a share there is no bar. */
export interface RowSummary {
  id: string;
  text: string;
  share: number | undefined;
}

export function sameCell(a: HeatCell | undefined, b: HeatCell | undefined): boolean {
  return a === b || (a?.state === b?.state && a?.colour === b?.colour && a?.label === b?.label);
}
