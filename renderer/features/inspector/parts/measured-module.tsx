/** A measured module: sentence, spectra, map, table, and beside them how it was made. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { useEngine } from "../../../client/engine.ts";
import { runDetailsQuery } from "../../../client/queries.ts";
import { useHost } from "../../../host/host.ts";
import { CopyLink } from "../../../widgets/copy-link.tsx";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { ExportMenu } from "../../../widgets/export-menu.tsx";
import styles from "../inspector.module.css";
import { moduleSpectra } from "../model/spectra.ts";
import { useExports } from "../use-exports.ts";
import type { Steps } from "../use-inspector-keys.ts";
import { type StoredModule, useModule } from "../use-module.ts";
import type { Place } from "../use-place.ts";
import { useScaling } from "../use-scaling.ts";
import { EnergyPanel } from "./energy-panel.tsx";
import { InspectorHead } from "./inspector-head.tsx";
import { InspectorStatus } from "./inspector-status.tsx";
import { MapPanel } from "./map-panel.tsx";
import { ModulePanel } from "./module-panel.tsx";
import { ProvenancePanel } from "./provenance-panel.tsx";
import { ScalePanel } from "./scale-panel.tsx";
import { SensitivityPanel } from "./sensitivity-panel.tsx";
import { Skeleton } from "./skeleton.tsx";
import { SpectraPanel } from "./spectra-panel.tsx";
import { VectorTable } from "./vector-table.tsx";
import { Untested, Verdict } from "./verdict.tsx";

interface MeasuredModuleProps {
  place: Place;
  steps: Steps;
  run: AppRun;
  row: ModuleRow;
}

export function MeasuredModule({ place, steps, run, row }: MeasuredModuleProps) {
  const stored = useModule(run, row, place.settings);
  const { module, error, pending } = stored;
  const stem = `${run.letter}-${row.layer ?? "x"}-${row.kind}${row.expert === null ? "" : `-${row.expert}`}`;
  return (
    <>
      <InspectorHead
        place={place}
        steps={steps}
        actions={<HeadActions run={run} place={place} stored={stored} stem={stem} />}
      />
      {error !== null && (
        <div className={styles.alone}>
          <ErrorCard error={toErrorDocument(error)} actions={<Button onClick={stored.retry}>Try again</Button>} />
        </div>
      )}
      {pending && <Skeleton />}
      {module && <Body {...{ place, run, row, stem, module, stored }} />}
      <InspectorStatus place={place} run={run} row={row} />
    </>
  );
}

interface HeadActionsProps {
  run: AppRun;
  place: Place;
  stored: StoredModule;
  stem: string;
}

function HeadActions({ run, place, stored: { module, tested, exact }, stem }: HeadActionsProps) {
  const host = useHost();
  const groups = useExports();
  const names = chartNames(stem);
  return (
    <>
      <CopyLink link={() => host.link()} />
      {module && (
        <ExportMenu
          groups={() =>
            groups({
              ...{ run, module, tested, stem, settings: place.settings },
              charts: [
                { name: names.spectra, title: "Spectra" },
                { name: names.energy, title: "Cumulative energy" },
                ...(exact.map ? [{ name: names.map, title: "Cosine similarity" }] : []),
              ],
            })
          }
        />
      )}
    </>
  );
}

const none: readonly never[] = [];

function chartNames(stem: string) {
  return { spectra: `${stem}-spectra`, energy: `${stem}-energy`, map: `${stem}-cosines` };
}

interface BodyProps extends Omit<MeasuredModuleProps, "steps"> {
  stem: string;
  module: NonNullable<StoredModule["module"]>;
  stored: StoredModule;
}

function Body({ place, run, row, stem, module, stored: { tested, exact } }: BodyProps) {
  const [highlighted, setHighlighted] = useState<number>();
  const engine = useEngine();
  const adapter = useQuery(runDetailsQuery(engine, run.id)).data?.adapter;
  const spectra = useMemo(() => moduleSpectra(module, exact.map), [module, exact.map]);
  const names = chartNames(stem);
  const { side } = place.settings;
  const scaling = useScaling(place, row, tested);
  const decide = (
    <Button size="xs" onClick={exact.compute} loading={exact.computing}>
      Compute the exact view
    </Button>
  );
  return (
    <div className={styles.layout}>
      <div className={styles.left}>
        {tested ? (
          <Verdict tested={tested} shape={module.shape} exact={exact} />
        ) : (
          <Untested what={`${side} vectors`} action={exact.pending ? undefined : decide} />
        )}
        <div className={styles.pair}>
          <SpectraPanel
            {...{ run, module, spectra, tested, highlighted }}
            scaled={scaling?.marks ?? none}
            adapterRank={adapter?.rank ?? null}
            dtype={run.base.dtype}
            chartName={names.spectra}
          />
          <EnergyPanel {...{ place, run, module, spectra }} chartName={names.energy} />
        </div>
        <MapPanel {...{ place, row, tested, exact, highlighted }} onRank={setHighlighted} chartName={names.map} />
        {tested && <VectorTable {...{ place, tested, scaling, highlighted }} onRank={setHighlighted} />}
      </div>
      <div className={styles.right}>
        {scaling && <ScalePanel place={place} run={run} row={row} scaling={scaling} />}
        <ProvenancePanel {...{ run, module, tested, exact }} settings={place.settings} />
        <ModulePanel run={run} module={module} />
        <SensitivityPanel place={place} row={row} />
      </div>
    </div>
  );
}
