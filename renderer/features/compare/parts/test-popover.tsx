/** Settings of the intruder test, and how much the counts depend on them. */
import { Button, NumberInput, Popover } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { formatThreshold } from "../../../../src/contract/format.ts";
import { Segmented } from "../../../widgets/segmented.tsx";
import { Term } from "../../../widgets/term.tsx";
import type { CompareModel } from "../compare-model.ts";
import { storedK, storedSides } from "../model/test-settings.ts";
import { SensitivityTable } from "./sensitivity-table.tsx";
import styles from "./test-popover.module.css";

export function TestPopover({ compare }: { compare: CompareModel }) {
  const { epsilon, k, side } = compare.settings;
  const words = `ε ${formatThreshold(epsilon)} · k ${k} · ${side}`;
  return (
    <Popover position="bottom-end" width={392} trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          rightSection={<IconChevronDown size={12} stroke={1.4} aria-hidden="true" />}
          aria-label={`Intruder test: ${words} vectors`}
        >
          {words}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <TestForm compare={compare} />
      </Popover.Dropdown>
    </Popover>
  );
}

function TestForm({ compare }: { compare: CompareModel }) {
  const { settings, update, runs } = compare;
  const most = storedK(runs);
  const sides = storedSides(runs);
  const setK = (value: number | string) => {
    if (typeof value === "number" && value >= 1 && value <= most) update({ k: Math.round(value) }, true);
  };
  const setEpsilon = (value: number | string) => {
    if (typeof value === "number" && value > 0 && value < 1) update({ eps: value }, true);
  };
  return (
    <div className={styles.form}>
      <div className={styles.note}>
        A top-k vector of the tuned matrix counts as an <Term name="intruder">intruder</Term> when its best match among
        all base vectors is certainly below ε. Stored bounds answer any ε and any k up to {most}.
      </div>
      <div className={styles.fields}>
        <NumberInput
          label="ε"
          value={settings.epsilon}
          min={0.01}
          max={0.99}
          step={0.05}
          decimalScale={3}
          onChange={setEpsilon}
          w={84}
        />
        <NumberInput label="k" value={settings.k} min={1} max={most} onChange={setK} w={84} />
        <div>
          <span className={styles.label} aria-hidden="true">
            Vectors
          </span>
          <Segmented
            label="Vectors"
            value={settings.side}
            options={(["left", "right"] as const).map((value) => ({
              value,
              label: value,
              disabled: !sides.includes(value),
              title: sides.includes(value) ? undefined : "Not measured; analyse with --side both",
            }))}
            onChange={(side) => update({ side }, true)}
          />
        </div>
      </div>
      <SensitivityTable compare={compare} />
      <Button size="xs" onClick={() => update({ k: undefined, eps: undefined, side: undefined }, true)}>
        As analysed
      </Button>
    </div>
  );
}
