/** What the heatmap shows and how: view, metric, colours, test settings, filters. */

import { Button, Checkbox, Popover } from "@mantine/core";
import { IconFilter, IconLayoutGrid, IconTable } from "@tabler/icons-react";
import { Chip } from "../../../widgets/chip.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import type { CompareModel } from "../compare-model.ts";
import { brushLabel } from "../model/brush.ts";
import { shortKind } from "../model/grid.ts";
import { memoPart } from "../parts-memo.ts";
import { listText } from "../search.ts";
import { Legend } from "./legend.tsx";
import { MetricSelect } from "./metric-select.tsx";
import { TestPopover } from "./test-popover.tsx";
import styles from "./toolbar.module.css";

export function HeatToolbar({ compare, sideBySide }: { compare: CompareModel; sideBySide: boolean }) {
  const { search, update, runs } = compare;
  return (
    <div className={styles.tools} role="toolbar" aria-label="Heatmap">
      <ViewSwitch compare={compare} />
      <MetricSelect compare={compare} />
      <Legend compare={compare} />
      <span className={styles.gap} />
      {!compare.difference && <MarksToggle compare={compare} />}
      <TestPopover compare={compare} />
      <KindFilter compare={compare} />
      {sideBySide && runs.length > 1 && runs.length <= 3 && !compare.difference && (
        <Segmented
          small
          label="Layout"
          value={search.layout ?? "stack"}
          options={[
            { value: "stack", label: "Stacked" },
            { value: "side", label: "Side by side" },
          ]}
          onChange={(layout) => update({ layout: layout === "stack" ? undefined : layout })}
        />
      )}
      <BrushChip compare={compare} />
    </div>
  );
}

export const ViewSwitch = memoPart(ViewSwitchPart, ["search", "update"]);

function ViewSwitchPart({ compare: { search, update } }: { compare: Pick<CompareModel, "search" | "update"> }) {
  return (
    <Segmented
      label="View"
      value={search.as ?? "heat"}
      options={[
        {
          value: "heat",
          label: (
            <>
              <IconLayoutGrid size={14} stroke={1.4} aria-hidden="true" /> Heatmap
            </>
          ),
        },
        {
          value: "table",
          label: (
            <>
              <IconTable size={14} stroke={1.4} aria-hidden="true" /> Table
            </>
          ),
        },
      ]}
      onChange={(as) => update({ as: as === "heat" ? undefined : as })}
    />
  );
}

function MarksToggle({ compare: { marks, update } }: { compare: CompareModel }) {
  return (
    <button
      type="button"
      className={`${styles.marks} ${marks ? "" : styles.off}`}
      aria-pressed={marks}
      title="Intruder marks (I)"
      onClick={() => update({ marks: marks ? "off" : undefined }, true)}
    >
      <svg width="16" height="16" aria-hidden="true">
        <rect x="1" y="1" width="14" height="14" rx="2" fill="none" stroke="var(--intruder)" strokeWidth="1.8" />
        <text x="8" y="12" textAnchor="middle" fill="currentColor">
          n
        </text>
      </svg>
      intruders
    </button>
  );
}

const filterReads = ["kinds", "chosenKinds", "update"] as const;
const KindFilter = memoPart(KindFilterPart, filterReads);

function KindFilterPart({ compare }: { compare: Pick<CompareModel, (typeof filterReads)[number]> }) {
  const { kinds, chosenKinds, update } = compare;
  const toggle = (kind: string) => {
    const shown = chosenKinds.length === 0 ? kinds : chosenKinds;
    const next = kinds.filter((candidate) => shown.includes(candidate) !== (candidate === kind));
    if (next.length > 0) update({ kinds: next.length === kinds.length ? undefined : listText(next) });
  };
  return (
    <>
      <Popover position="bottom-end" trapFocus>
        <Popover.Target>
          <IconButton label="Kinds of modules" variant="default" size={24} aria-pressed={chosenKinds.length > 0}>
            <IconFilter size={14} stroke={1.4} aria-hidden="true" />
          </IconButton>
        </Popover.Target>
        <Popover.Dropdown>
          <div className={styles.kinds}>
            {kinds.map((kind) => (
              <Checkbox
                key={kind}
                label={<span className="mono">{kind}</span>}
                checked={chosenKinds.length === 0 || chosenKinds.includes(kind)}
                onChange={() => toggle(kind)}
              />
            ))}
            <Button size="xs" disabled={chosenKinds.length === 0} onClick={() => update({ kinds: undefined })}>
              Show all kinds
            </Button>
          </div>
        </Popover.Dropdown>
      </Popover>
      {chosenKinds.length > 0 && (
        <Chip tone="accent" onRemove={() => update({ kinds: undefined })} removeLabel="Show all kinds">
          {chosenKinds.length <= 3 ? chosenKinds.map(shortKind).join(", ") : `${chosenKinds.length} kinds`}
        </Chip>
      )}
    </>
  );
}

export function BrushChip({ compare: { brush, setBrush } }: { compare: CompareModel }) {
  if (!brush) return null;
  return (
    <Chip tone="accent" onRemove={() => setBrush(undefined)} removeLabel="Show all layers">
      {brushLabel(brush)}
    </Chip>
  );
}
