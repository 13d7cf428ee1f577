/** Cumulative energy of ΔW and W0, with other runs on demand. */
import { Menu } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { formatCount } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { cumulativeEnergy } from "../../../charts/energy.ts";
import { EnergyCurve, type EnergySeries } from "../../../charts/energy-curve.tsx";
import { useEngine } from "../../../client/engine.ts";
import { moduleQuery } from "../../../client/queries.ts";
import { Chip } from "../../../widgets/chip.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { Term } from "../../../widgets/term.tsx";
import styles from "../inspector.module.css";
import { baseEnergy, energyMarks, type ModuleSpectra } from "../model/spectra.ts";
import type { Place } from "../use-place.ts";

interface EnergyPanelProps {
  place: Place;
  run: AppRun;
  module: ModuleMeasures;
  spectra: ModuleSpectra;
  chartName: string;
}

/** Longest name of a curve in the chart. */
const nameLength = 16;

export function EnergyPanel({ place, run, module, spectra, chartName }: EnergyPanelProps) {
  const marks = useMemo(() => energyMarks(module), [module]);
  const beside = useBeside(place, run, module.name);
  const main = useMemo<EnergySeries>(
    () => ({
      id: run.id,
      letter: run.letter,
      label: shortText(run.label, nameLength),
      energy: cumulativeEnergy(spectra.delta),
    }),
    [run, spectra],
  );
  const others = useMemo<EnergySeries[]>(
    () => [{ id: "base", letter: undefined, label: "W₀", energy: baseEnergy(module, spectra) }, ...beside],
    [module, spectra, beside],
  );
  return (
    <Panel
      title={<Term name="energy">Cumulative energy</Term>}
      className={styles.chartPanel}
      testId="panel-energy"
      actions={
        <span className={styles.legend}>
          {marks.map(({ name, k }) => (
            <Chip key={name}>
              {name} {formatCount(k)}
            </Chip>
          ))}
          <BesideMenu place={place} run={run} />
        </span>
      }
    >
      {main.energy.length === 0 ? (
        <p className={styles.note}>ΔW is zero here: it has no energy to share out.</p>
      ) : (
        <EnergyCurve
          name={chartName}
          label={energySentence(marks)}
          main={main}
          others={others}
          marks={marks.filter(({ name }) => name !== "k95")}
          size={spectra.size}
        />
      )}
    </Panel>
  );
}

function energySentence(marks: readonly { name: string; k: number }[]): string {
  const named = marks.map(({ name, k }) => `${name} is ${k}`).join(", ");
  return `Share of the squared norm of ΔW held by its k largest directions; ${named}.`;
}

/** Curves of the runs that the address names beside this one. */
function useBeside(place: Place, run: AppRun, name: string): EnergySeries[] {
  const engine = useEngine();
  const chosen = besideRuns(place, run);
  return useQueries({
    queries: chosen.map(({ id }) => moduleQuery(engine, id, name)),
    combine: (answers) =>
      answers.flatMap(({ data }, index) => {
        const other = chosen[index];
        if (!data?.delta || !other) return [];
        const label = shortText(other.label, nameLength);
        return [{ id: other.id, letter: other.letter, label, energy: cumulativeEnergy(data.delta.singularValues) }];
      }),
  });
}

function besideRuns({ search, family }: Place, run: AppRun): AppRun[] {
  const ids = search.with?.split(",") ?? [];
  return family.filter(({ id }) => id !== run.id && ids.includes(id));
}

function BesideMenu({ place, run }: { place: Place; run: AppRun }) {
  const others = place.family.filter(({ id }) => id !== run.id);
  const chosen = besideRuns(place, run).map(({ id }) => id);
  if (others.length === 0) return null;
  const toggle = (id: string) => {
    const next = chosen.includes(id) ? chosen.filter((known) => known !== id) : [...chosen, id];
    place.change({ with: next.length === 0 ? undefined : next.join(",") });
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <IconButton label="Show other runs" size={24}>
          <IconPlus size={14} stroke={1.4} aria-hidden="true" />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>E(k) of other runs</Menu.Label>
        {others.map(({ id, letter, label }) => (
          <Menu.CheckboxItem key={id} checked={chosen.includes(id)} onChange={() => toggle(id)}>
            <span className={styles.runOption}>
              <RunBadge letter={letter} /> {shortText(label, 32)}
            </span>
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
