/** Run, layer and kind of the module on screen, steps to its neighbours, link and export. */
import { Select } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { formatCount } from "../../../../src/contract/format.ts";
import { shortText, visibleText } from "../../../../src/contract/text.ts";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { PageHead } from "../../../widgets/page-head.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import styles from "../inspector.module.css";
import { hasIntruders, inOrder, kindRank, placeAmong } from "../model/place.ts";
import type { Steps } from "../use-inspector-keys.ts";
import type { Place } from "../use-place.ts";

/** Value of the layer selector for embeddings, head and what else stands outside the layers. */
const outside = "outside";

interface InspectorHeadProps {
  place: Place;
  steps: Steps;
  actions?: ReactNode;
}

export function InspectorHead({ place, steps, actions }: InspectorHeadProps) {
  return (
    <PageHead title="Inspector" actions={actions}>
      <RunSelect place={place} />
      <LayerSelect place={place} />
      <KindSelect place={place} />
      <span className={styles.steps}>
        <IconButton label="Previous module with intruders (K)" onClick={() => steps.intruders(-1)}>
          <IconChevronLeft size={16} stroke={1.4} aria-hidden="true" />
        </IconButton>
        <IconButton label="Next module with intruders (J)" onClick={() => steps.intruders(1)}>
          <IconChevronRight size={16} stroke={1.4} aria-hidden="true" />
        </IconButton>
      </span>
      {place.row && <span className={styles.where}>{whereText(place, place.row)}</span>}
    </PageHead>
  );
}

/** "2048 × 11 008 · 1 of 9 modules with intruders" */
function whereText({ own, settings }: Place, row: ModuleRow): string {
  const shape = `${formatCount(row.shape[0])} × ${formatCount(row.shape[1])}`;
  const { index, count } = placeAmong(own, row, (candidate) => hasIntruders(candidate, settings));
  if (index !== undefined)
    return `${shape} · ${index} of ${count} ${count === 1 ? "module" : "modules"} with intruders`;
  if (count === 0) return `${shape} · no module of this run has intruders`;
  return `${shape} · none here, ${count} other ${count === 1 ? "module has" : "modules have"} intruders`;
}

function RunSelect({ place: { family, run, row, rows, open } }: { place: Place }) {
  return (
    <Select
      aria-label="Run"
      className={styles.runSelect}
      comboboxProps={{ width: 320, position: "bottom-start" }}
      data={family.map(({ id, label }) => ({ value: id, label: visibleText(label) }))}
      renderOption={({ option }) => <RunOption run={family.find(({ id }) => id === option.value)} />}
      value={run?.id ?? null}
      leftSection={run && <RunBadge letter={run.letter} />}
      allowDeselect={false}
      onChange={(id) => {
        const chosen = family.find((candidate) => candidate.id === id);
        if (!chosen) return;
        const same = rows.find(({ analysis, name }) => analysis === chosen.analysis && name === row?.name);
        const target = same ?? row ?? rows.find(({ analysis }) => analysis === chosen.analysis);
        if (target) open(chosen.id, target);
      }}
    />
  );
}

/** Letter, name and detail: labels alone may repeat. */
function RunOption({ run }: { run: AppRun | undefined }) {
  return (
    run && (
      <span className={styles.runOption}>
        <RunBadge letter={run.letter} /> {shortText(run.label, 32)}
        <span className={styles.note}>{shortText(run.detail, 40)}</span>
      </span>
    )
  );
}

function LayerSelect({ place: { own, row, address, run, open } }: { place: Place }) {
  const layers = [...new Set(own.map(({ layer }) => layer))].sort((a, b) => (a ?? 1e9) - (b ?? 1e9));
  const value = row ? layerValue(row.layer) : (address.layer ?? null);
  return (
    <Select
      aria-label="Layer"
      className={styles.layerSelect}
      data={layers.map((layer) => ({
        value: layerValue(layer),
        label: layer === null ? "No layer" : `Layer ${layer}`,
      }))}
      value={value}
      placeholder={address.layer === undefined ? undefined : `Layer ${address.layer}`}
      allowDeselect={false}
      onChange={(chosen) => {
        const there = inOrder(own.filter(({ layer }) => layerValue(layer) === chosen));
        const target = there.find(({ kind }) => kind === row?.kind) ?? there[0];
        if (run && target) open(run.id, target);
      }}
    />
  );
}

function layerValue(layer: number | null): string {
  return layer === null ? outside : String(layer);
}

function KindSelect({ place: { own, row, address, run, open } }: { place: Place }) {
  const here = own
    .filter(({ layer }) => layerValue(layer) === (row ? layerValue(row.layer) : (address.layer ?? outside)))
    .sort((a, b) => kindRank(a.kind) - kindRank(b.kind) || (a.expert ?? -1) - (b.expert ?? -1));
  return (
    <Select
      aria-label="Kind"
      className={styles.kindSelect}
      data={here.map(({ name, kind, expert }) => ({
        value: name,
        label: visibleText(expert === null ? kind : `${kind}, expert ${expert}`),
      }))}
      value={row?.name ?? null}
      placeholder={address.kind}
      searchable={here.length > 12}
      allowDeselect={false}
      onChange={(name) => {
        const target = here.find((candidate) => candidate.name === name);
        if (run && target) open(run.id, target);
      }}
    />
  );
}
