/** Cosine map of the module; offered until the exact view is stored. */
import { Button, useComputedColorScheme } from "@mantine/core";
import { useMemo } from "react";
import type { CosineMap, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { formatCount } from "../../../../src/contract/format.ts";
import { gradientStops } from "../../../charts/colour.ts";
import { CosineMapChart, mapSentence } from "../../../charts/cosine-map.tsx";
import { decodeCosines } from "../../../charts/cosine-values.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import { Term } from "../../../widgets/term.tsx";
import styles from "../inspector.module.css";
import { exactViewOffer } from "../model/spectra.ts";
import type { Tested } from "../model/tested.ts";
import type { MapColumns } from "../search.ts";
import type { ExactView } from "../use-module.ts";
import type { Place } from "../use-place.ts";

interface MapPanelProps {
  place: Place;
  row: ModuleRow;
  tested: Tested | undefined;
  exact: ExactView;
  highlighted: number | undefined;
  onRank: (rank: number | undefined) => void;
  chartName: string;
}

export function MapPanel(props: MapPanelProps) {
  const { place, row, exact } = props;
  const { side } = place.settings;
  return (
    <Panel
      title={
        <>
          <Term name="max cos">Cosine similarity</Term>, {side} singular vectors
        </>
      }
      className={styles.mapPanel}
      testId="panel-map"
      actions={<MapControls place={place} columns={exact.map?.columns} />}
    >
      {exact.map ? <StoredMap {...props} map={exact.map} /> : <MapOffer row={row} exact={exact} side={side} />}
    </Panel>
  );
}

function MapControls({ place, columns }: { place: Place; columns: number | undefined }) {
  const choices = columns === undefined ? [] : columnChoices(columns);
  return (
    <span className={styles.legend}>
      {choices.length > 1 && (
        <>
          <span className={styles.note}>columns</span>
          <Segmented
            small
            label="Columns of the map"
            value={shownChoice(place.search.cols, choices)}
            options={choices}
            onChange={(cols) => place.change({ cols: cols === "128" ? undefined : cols })}
          />
        </>
      )}
      <Segmented
        small
        label="Side"
        value={place.settings.side}
        options={[
          { value: "left", label: "Left" },
          { value: "right", label: "Right" },
        ]}
        onChange={(side) => place.change({ side })}
      />
      <ColourKey />
    </span>
  );
}

/** Fewer choices where fewer columns are there; "all" says how many. */
function columnChoices(columns: number): { value: MapColumns; label: string }[] {
  const fewer = (["128", "512"] as const).filter((count) => Number(count) < columns);
  return [
    ...fewer.map((count) => ({ value: count, label: count })),
    { value: "all" as const, label: formatCount(columns) },
  ];
}

function shownChoice(asked: MapColumns | undefined, choices: readonly { value: MapColumns }[]): MapColumns {
  const first = choices[0]?.value ?? "all";
  return choices.some(({ value }) => value === asked) ? (asked ?? first) : first;
}

function ColourKey() {
  const theme = useComputedColorScheme("light");
  const stops = gradientStops("sequential", theme);
  const gradient = stops.map(({ offset, colour }) => `${colour} ${offset * 100}%`).join(", ");
  return (
    <span className={styles.colourKey} role="img" aria-label="Colours from 0 to 1">
      0 <i style={{ background: `linear-gradient(to right, ${gradient})` }} /> 1
    </span>
  );
}

function StoredMap({ place, tested, highlighted, onRank, chartName, map }: MapPanelProps & { map: CosineMap }) {
  const theme = useComputedColorScheme("light");
  const { side, epsilon, k } = place.settings;
  const values = useMemo(() => decodeCosines(map.cosines, map.rows, map.columns), [map]);
  const choice = shownChoice(place.search.cols, columnChoices(map.columns));
  const columns = choice === "all" ? map.columns : Math.min(Number(choice), map.columns);
  const cells = useMemo(() => ({ values, rows: map.rows, stride: map.columns, columns }), [values, map, columns]);
  const intruders = useMemo(() => (tested?.intruders ?? []).map(({ rank }) => rank), [tested]);
  const total = map.base.length;
  return (
    <CosineMapChart
      name={chartName}
      label={mapSentence({ cells, total, side, intruders, epsilon })}
      theme={theme}
      cells={cells}
      best={map.best}
      total={total}
      epsilon={epsilon}
      k={k}
      side={side}
      intruders={intruders}
      highlighted={highlighted}
      onRank={onRank}
    />
  );
}

function MapOffer({ row, exact, side }: { row: ModuleRow; exact: ExactView; side: "left" | "right" }) {
  if (exact.pending) return <Placeholder height="100%" />;
  const size = Math.min(...row.shape);
  return (
    <div className={styles.offer}>
      {exact.error !== null && <ErrorCard error={toErrorDocument(exact.error)} title="The exact view failed" />}
      <p className={styles.note}>
        The map compares the top {formatCount(Math.min(64, size))} {side} vectors of W with all {formatCount(size)} base
        vectors. It needs full decompositions of W₀ and W, which also complete the spectra above.
      </p>
      <Button variant="filled" onClick={exact.compute} loading={exact.computing}>
        {exactViewOffer(row.shape)}
      </Button>
    </div>
  );
}
