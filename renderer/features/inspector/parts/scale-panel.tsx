/** Scale intruders: λ, which vectors and where; what every arm does to weights and tasks; export. */
import { Button, NumberInput, Slider } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useState } from "react";
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import type { Intervention } from "../../../../src/contract/domain/edit.ts";
import { formatCount, formatThreshold } from "../../../../src/contract/format.ts";
import { ExportEditSheet } from "../../../sheets/export-edit-sheet.tsx";
import { Chip } from "../../../widgets/chip.tsx";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import { Term } from "../../../widgets/term.tsx";
import { tableArms } from "../model/scaling.ts";
import { useArms } from "../use-arms.ts";
import type { Place } from "../use-place.ts";
import type { Scaling } from "../use-scaling.ts";
import { ArmsNote, ArmsTable } from "./arms-table.tsx";
import styles from "./scale-panel.module.css";

interface ScalePanelProps {
  place: Place;
  run: AppRun;
  row: ModuleRow;
  scaling: Scaling;
}

export function ScalePanel({ place, run, row, scaling }: ScalePanelProps) {
  const arms = useArms(place, run, row, scaling);
  const [exporting, setExporting] = useState(false);
  const { lambda } = scaling;
  const missing = tableArms.filter((arm) => ["scale", "step", "shrink"].includes(arm) && !pointOf(arms.lines, arm));
  return (
    <Panel
      title="Scale intruders"
      testId="panel-scale"
      actions={
        <>
          <Chip tone="warn">preview</Chip>
          <IconButton label="Reset λ to 1" size={24} disabled={lambda === 1} onClick={() => scaling.commit(1)}>
            <IconArrowBackUp size={16} stroke={1.4} aria-hidden="true" />
          </IconButton>
        </>
      }
    >
      <LambdaRow place={place} scaling={scaling} />
      <LambdaSlider scaling={scaling} />
      {arms.error ? (
        <ErrorCard tone="warn" error={toErrorDocument(arms.error)} />
      ) : (
        <ArmsTable arms={arms} scaling={scaling} />
      )}
      <ArmsNote arms={arms} scaling={scaling} run={run} />
      <div className={styles.buttons}>
        {arms.question && missing.length > 0 && lambda !== 1 && (
          <Button size="xs" variant="filled" loading={arms.busy} onClick={() => arms.measure(missing)}>
            {missing.length === 1 ? "Measure the missing arm" : `Measure ${formatCount(missing.length)} arms`}
          </Button>
        )}
        <Button size="xs" disabled={lambda === 1 || scaling.ranks.length === 0} onClick={() => setExporting(true)}>
          {run.kind === "adapter" ? "Export adapter" : "Export checkpoint"}
        </Button>
      </div>
      <p className={styles.note}>Nothing on disk changes until an export is written.</p>
      <ExportEditSheet
        opened={exporting}
        onClose={() => setExporting(false)}
        run={run}
        intervention={interventionOf(place, row, scaling)}
      />
    </Panel>
  );
}

function pointOf(lines: ReturnType<typeof useArms>["lines"], arm: (typeof tableArms)[number]) {
  return lines.find((line) => line.arm === arm)?.point;
}

function interventionOf(place: Place, row: ModuleRow, { lambda, which, scope }: Scaling): Intervention {
  const { k, epsilon } = place.settings;
  return { arm: "scale", lambda, which, k, epsilon, ...(scope === "module" && { modules: [row.name] }) };
}

function LambdaRow({ place, scaling }: { place: Place; scaling: Scaling }) {
  const { lambda, choice, scope, ranks } = scaling;
  return (
    <>
      <div className={styles.row}>
        <Term name="lambda">λ</Term>
        <NumberInput
          className={styles.number}
          aria-label="λ as a number"
          size="xs"
          min={0}
          max={2}
          step={0.05}
          decimalScale={4}
          value={lambda}
          onChange={(value) => typeof value === "number" && value >= 0 && value <= 2 && scaling.commit(value)}
        />
        <span className={styles.gap} />
        <Segmented
          small
          label="Vectors"
          value={choice}
          options={[
            { value: "all", label: "All" },
            { value: "strongest", label: "Strongest" },
            ...(choice === "ticked" ? [{ value: "ticked" as const, label: `Ticked ${ranks.length}` }] : []),
          ]}
          onChange={(which) => which !== "ticked" && place.change({ which })}
        />
      </div>
      <div className={styles.row}>
        <span className={styles.note}>Weights of</span>
        <Segmented
          small
          label="Scope"
          value={scope}
          options={[
            { value: "module", label: "this module" },
            { value: "run", label: "whole run", disabled: choice === "ticked" },
          ]}
          onChange={(next) => place.change({ scope: next === "module" ? undefined : next })}
        />
      </div>
    </>
  );
}

const sliderMarks = [0, 0.25, 0.5, 0.75, 1].map((value) => ({ value }));

function LambdaSlider({ scaling }: { scaling: Scaling }) {
  const { lambda, preview, commit } = scaling;
  return (
    <div className={styles.slider} data-lambda-slider>
      <Slider
        thumbLabel="λ"
        label={null}
        min={0}
        max={1}
        step={0.05}
        marks={sliderMarks}
        value={Math.min(1, lambda)}
        onChange={(value) => preview(rounded(value))}
        onChangeEnd={(value) => commit(rounded(value))}
      />
      <div className={styles.ends} aria-hidden="true">
        <span>0 removed</span>
        <span>{formatThreshold(0.5)}</span>
        <span>1 as trained</span>
      </div>
    </div>
  );
}

/** Steps of the slider without the dust of floating point. */
function rounded(value: number): number {
  return Number(value.toFixed(4));
}
