/** What was put aside for the report, in its order, each with a note; open while the address says so. */
import { Button } from "@mantine/core";
import { IconPinned } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Pin } from "../../../src/contract/domain/pin.ts";
import { useEngine } from "../../client/engine.ts";
import { pinsQuery } from "../../client/queries.ts";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { SideDrawer } from "../../widgets/side-drawer.tsx";
import { PinCard } from "./pin-card.tsx";
import styles from "./report-drawer.module.css";
import { useHiddenPins, usePinActions } from "./use-pins.ts";
import { useSaveReport } from "./use-save-report.ts";

export function ReportDrawer() {
  return (
    <SideDrawer name="report" title="Report" closeLabel="Close the report" width={420}>
      {() => <Report />}
    </SideDrawer>
  );
}

function Report() {
  const engine = useEngine();
  const { data, error } = useQuery(pinsQuery(engine));
  const hidden = useHiddenPins();
  if (error) return <ErrorCard error={toErrorDocument(error)} />;
  if (!data) return null;
  const pins = data.filter(({ id }) => !hidden.has(id));
  return (
    <div className={styles.body}>
      <SaveReport pins={pins} />
      {pins.length === 0 ? <Nothing /> : <Pins pins={pins} />}
    </div>
  );
}

function SaveReport({ pins }: { pins: readonly Pin[] }) {
  const { save, saving, error, runs } = useSaveReport(pins);
  return (
    <div className={styles.save}>
      <Button variant="filled" size="xs" disabled={runs.length === 0} loading={saving} onClick={save}>
        Save the report as HTML
      </Button>
      <p className={styles.note}>
        {runs.length === 0
          ? "A report needs at least one run."
          : `Of ${runs.map(({ letter }) => letter).join(", ")}: what is pinned, then findings, heatmaps, tables and methods.`}
      </p>
      {error !== null && <ErrorCard error={toErrorDocument(error)} />}
    </div>
  );
}

function Nothing() {
  return (
    <EmptyState
      icon={<IconPinned size={24} stroke={1.4} aria-hidden="true" />}
      sentence="Nothing is pinned yet. “Add to report” in a view’s Export menu puts what you see here."
    />
  );
}

function Pins({ pins }: { pins: readonly Pin[] }) {
  const actions = usePinActions(pins);
  return (
    <>
      <ol className={styles.list} data-testid="pins">
        {pins.map((pin, index) => (
          <PinCard
            key={pin.id}
            pin={pin}
            onNote={(note) => actions.note(pin, note)}
            onMove={(step) => actions.move(pin, step)}
            onRemove={() => actions.remove(pin)}
            first={index === 0}
            last={index === pins.length - 1}
          />
        ))}
      </ol>
      {actions.error !== null && <ErrorCard error={toErrorDocument(actions.error)} />}
    </>
  );
}
