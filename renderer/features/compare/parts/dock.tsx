/** The selected module in all runs: numbers, spectra of ΔW, one plain sentence, ways on. */
import { Button } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconPin, IconPinFilled, IconX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { formatSeconds } from "../../../../src/contract/format.ts";
import { CommandKeys } from "../../../widgets/command-keys.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { Kbd } from "../../../widgets/kbd.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import type { CompareModel } from "../compare-model.ts";
import { outside } from "../model/grid.ts";
import { type Place, placeText, placeTitle, samePlace } from "../model/selection.ts";
import { shapeText } from "../model/table-rows.ts";
import styles from "./dock.module.css";
import { DockFact } from "./dock-fact.tsx";
import { DockMeasures } from "./dock-measures.tsx";
import { DockOverview } from "./dock-overview.tsx";
import { DockSpectra } from "./dock-spectra.tsx";
import { inspectorAddress } from "./inspector-address.ts";
import { pin } from "./use-heat-keys.ts";
import { mainModule, type SelectedModule, useSelectedModules } from "./use-selected-modules.ts";

export function Dock({ compare }: { compare: CompareModel }) {
  const { selected } = compare;
  return (
    <aside className={styles.dock} aria-label="Selected module" data-testid="dock">
      {selected ? <Selected compare={compare} place={selected} /> : <DockOverview compare={compare} />}
      <span className={styles.gap} />
      <p className={styles.keys}>
        <Kbd keys="←↑↓→" /> move <Kbd keys="Enter" /> inspect <Kbd keys="Space" /> pin
        <br />
        <CommandKeys of={["heatmap.from-back", "heatmap.to-on"]} /> brush edge <CommandKeys of={["heatmap.metric"]} />{" "}
        next metric <CommandKeys of={["heatmap.table"]} /> table
      </p>
    </aside>
  );
}

function Selected({ compare, place }: { compare: CompareModel; place: Place }) {
  const modules = useSelectedModules(compare, place);
  const shape = modules.find(({ row }) => row)?.row?.shape;
  return (
    <>
      <DockHead compare={compare} place={place} />
      <p className={styles.note}>
        {shape ? `${shapeText(shape)} · the same module in all runs` : "No run has measured this module."}
      </p>
      <Pins compare={compare} />
      {shape && (
        <>
          <DockMeasures compare={compare} modules={modules} />
          <DockSpectra runs={compare.runs} modules={modules} />
          <DockFact compare={compare} modules={modules} />
          <Actions compare={compare} place={place} modules={modules} />
          <Provenance compare={compare} modules={modules} />
        </>
      )}
    </>
  );
}

function DockHead({ compare, place }: { compare: CompareModel; place: Place }) {
  const { update, grid } = compare;
  const step = (by: 1 | -1) => update({ sel: placeText({ ...place, layer: place.layer + by }) }, true);
  return (
    <div className={styles.head}>
      <h2 className={styles.title}>{placeTitle(place)}</h2>
      <IconButton label="Layer before" disabled={place.layer <= 0} onClick={() => step(-1)}>
        <IconChevronLeft size={16} stroke={1.4} aria-hidden="true" />
      </IconButton>
      <IconButton
        label="Layer after"
        disabled={place.layer === outside || place.layer >= grid.layers.length - 1}
        onClick={() => step(1)}
      >
        <IconChevronRight size={16} stroke={1.4} aria-hidden="true" />
      </IconButton>
      <IconButton label="Select nothing" onClick={() => update({ sel: undefined, at: undefined }, true)}>
        <IconX size={16} stroke={1.4} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

function Pins({ compare }: { compare: CompareModel }) {
  const { pins, selected, update } = compare;
  if (pins.length === 0) return null;
  return (
    <div className={styles.pins}>
      {pins.map((place) => {
        const text = placeText(place);
        return (
          <button
            key={text}
            type="button"
            className={`${styles.pinned} ${samePlace(place, selected) ? styles.held : ""}`}
            onClick={() => update({ sel: text }, true)}
          >
            <IconPinFilled size={11} aria-hidden="true" />
            {placeTitle(place).replace("Layer ", "L")}
          </button>
        );
      })}
    </div>
  );
}

interface PartProps {
  compare: CompareModel;
  modules: readonly SelectedModule[];
}

function Actions({ compare, place, modules }: PartProps & { place: Place }) {
  const navigate = useNavigate();
  const main = mainModule(compare, modules);
  const address = main && inspectorAddress(compare, main.run, place);
  const pinned = compare.pins.some((other) => samePlace(other, place));
  return (
    <div className={styles.actions}>
      <Button variant="filled" disabled={!address} onClick={() => address && void navigate(address)}>
        Open in Inspector
      </Button>
      <Button
        aria-pressed={pinned}
        leftSection={<IconPin size={14} stroke={1.4} aria-hidden="true" />}
        onClick={() => pin(compare, place)}
      >
        {pinned ? "Unpin" : "Pin"}
      </Button>
    </div>
  );
}

function Provenance({ compare, modules }: PartProps) {
  const measured = modules.filter(({ row }) => row?.status === "measured");
  const methods = [...new Set(measured.flatMap(({ row }) => row?.decisionMethod ?? []))];
  return (
    <div className={styles.provenance}>
      <p>
        <b>Computed</b> · {compare.settings.side} vectors{methods.length > 0 && `, ${methods.join("; ")}`}
      </p>
      <p className={styles.times}>
        {measured.map(({ run, row }) => (
          <span key={run.id}>
            <RunBadge letter={run.letter} /> {formatSeconds(row?.seconds)}
          </span>
        ))}
      </p>
    </div>
  );
}
