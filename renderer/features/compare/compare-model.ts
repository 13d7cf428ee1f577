/** Everything the parts of the view share: what is asked (the address) and what is known (the rows). */
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import type { ErrorDocument } from "../../../src/contract/errors.ts";
import type { Domain } from "../../charts/scale.ts";
import type { BrushDraft } from "./brush-draft.ts";
import type { Brush } from "./model/brush.ts";
import type { Difference } from "./model/difference.ts";
import type { Grid, TrackRows } from "./model/grid.ts";
import type { Metric } from "./model/metrics.ts";
import type { Place } from "./model/selection.ts";
import type { Decider, TestSettings } from "./model/test-settings.ts";
import type { CompareSearch } from "./search.ts";
import type { HeatTrack } from "./use-heat-tracks.ts";

export interface CompareModel {
  /** The address without selection and pins: what is shown, not where one stands in it. */
  search: CompareSearch;
  /** Changes the address. `quiet` replaces it, so that back does not lead through every step of a drag. */
  update: (patch: Partial<CompareSearch>, quiet?: boolean) => void;
  /** Every run of the workspace. */
  all: readonly AppRun[];
  runs: readonly AppRun[];
  others: readonly AppRun[];
  rows: readonly ModuleRow[];
  tracks: readonly TrackRows[];
  grid: Grid;
  /** All kinds that the runs have, whatever is filtered. */
  kinds: readonly string[];
  chosenKinds: readonly string[];
  settings: TestSettings;
  decide: Decider;
  metric: Metric;
  /** Set when the heatmap shows one run against another. */
  difference: Difference | undefined;
  domain: Domain;
  brush: Brush | undefined;
  /** The brush while it is dragged. */
  draft: BrushDraft;
  /** Keeps a brush in the address. */
  setBrush: (brush: Brush | undefined) => void;
  selected: Place | undefined;
  /** Run whose track holds the keyboard. */
  at: AppRun | undefined;
  pins: readonly Place[];
  marks: boolean;
  /** Cells of every track at the metric in sight. */
  heat: readonly HeatTrack[];
  folded: ReadonlySet<string>;
  state: "loading" | "empty" | "ready" | "failed";
  error: ErrorDocument | undefined;
  /** Old rows stay while others are asked. */
  stale: boolean;
  /** Asks everything again. */
  retry: () => void;
}
