/** Sliders of the setting and the ranks that are compared. */
import { Button, NumberInput, Popover } from "@mantine/core";
import { IconArrowBackUp, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { formatSeconds } from "../../../../src/contract/format.ts";
import { Chip } from "../../../widgets/chip.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Term } from "../../../widgets/term.tsx";
import { limits } from "../model/limits.ts";
import { sampleError } from "../model/words.ts";
import styles from "../theory.module.css";
import type { TheoryModel } from "../use-theory.ts";
import { SettingSlider } from "./setting-slider.tsx";

const reset = {
  n: undefined,
  d: undefined,
  k: undefined,
  r: undefined,
  decay: undefined,
  noise: undefined,
  seeds: undefined,
  ranks: undefined,
  feed: undefined,
};

export function SettingPanel({ model: { setting, feed, change, simulation } }: { model: TheoryModel }) {
  const { n, d, k, r, decay, noise, seeds } = setting;
  const fed = feed !== undefined;
  const whole = { step: 1, log: true } as const;
  return (
    <Panel
      title="Setting"
      testId="panel-setting"
      className={styles.setting}
      actions={
        <IconButton label="Reset the setting" size={24} onClick={() => change(reset)}>
          <IconArrowBackUp size={16} stroke={1.4} aria-hidden="true" />
        </IconButton>
      }
    >
      <SettingSlider
        {...{
          id: "n",
          name: "Examples n",
          title: <Term name="samples">Examples n</Term>,
          value: n,
          ...limits.n,
          ...whole,
        }}
        error={sampleError(setting)}
        onChange={(value) => change({ n: value })}
      />
      <SettingSlider
        {...{ id: "d", name: "Dimension d", title: "Dimension d", value: d, ...limits.d, ...whole }}
        onChange={(value) => change({ d: value })}
      />
      <SettingSlider
        {...{ id: "k", name: "Outputs k", title: "Outputs k", value: k, ...limits.k, ...whole }}
        onChange={(value) => change({ k: value })}
      />
      <SettingSlider
        {...{
          id: "r",
          name: "True rank r*",
          title: (
            <>
              <Term name="true rank">True rank</Term> r*
            </>
          ),
          value: r,
          ...whole,
        }}
        least={limits.r.least}
        most={Math.min(k, d)}
        disabled={fed}
        onChange={(value) => change({ r: value })}
      />
      <SettingSlider
        {...{ id: "decay", name: "Decay of the shift", title: "Decay of the shift", value: decay, ...limits.decay }}
        step={0.05}
        decimals={2}
        disabled={fed}
        note="0 flat over r*, 2 steep"
        onChange={(value) => change({ decay: value })}
      />
      <SettingSlider
        {...{
          id: "noise",
          name: "Noise σ",
          title: (
            <>
              <Term name="noise">Noise</Term> σ
            </>
          ),
          value: noise,
        }}
        least={limits.noise.least}
        most={noise > 2 ? limits.noise.most : 2}
        step={0.01}
        decimals={2}
        onChange={(value) => change({ noise: value })}
      />
      <SettingSlider
        {...{ id: "seeds", name: "Simulated seeds", title: "Simulated seeds", value: seeds, ...limits.seeds, step: 1 }}
        onChange={(value) => change({ seeds: value })}
      />
      {simulation.held && (
        <Button size="xs" onClick={simulation.start}>
          Simulate, ≈ {formatSeconds(simulation.seconds)}
        </Button>
      )}
      <Ranks ranks={setting.ranks} most={Math.min(k, d)} onChange={(ranks) => change({ ranks: ranks.join(",") })} />
    </Panel>
  );
}

interface RanksProps {
  ranks: readonly number[];
  most: number;
  onChange: (ranks: number[]) => void;
}

function Ranks({ ranks, most, onChange }: RanksProps) {
  return (
    <div className={styles.ranks}>
      {ranks.map((rank) => (
        <Chip
          key={rank}
          tone="accent"
          removeLabel={`Remove r ${rank}`}
          {...(ranks.length > limits.ranks.least && {
            onRemove: () => onChange(ranks.filter((other) => other !== rank)),
          })}
        >
          r {rank}
        </Chip>
      ))}
      {ranks.length < limits.ranks.most && (
        <AddRank most={most} onAdd={(rank) => onChange([...new Set([...ranks, rank])].sort((a, b) => a - b))} />
      )}
    </div>
  );
}

function AddRank({ most, onAdd }: { most: number; onAdd: (rank: number) => void }) {
  const [opened, setOpened] = useState(false);
  const [text, setText] = useState<string | number>(4);
  const rank = Number(text);
  const possible = Number.isInteger(rank) && rank >= 1 && rank <= most;
  const add = () => {
    if (!possible) return;
    onAdd(rank);
    setOpened(false);
  };
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          leftSection={<IconPlus size={12} stroke={1.6} aria-hidden="true" />}
          onClick={() => setOpened(true)}
        >
          rank
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={styles.addRank}
          onSubmit={(event) => {
            event.preventDefault();
            add();
          }}
        >
          <NumberInput
            label="LoRA rank"
            size="xs"
            value={text}
            min={1}
            max={most}
            error={possible ? undefined : `1 to ${most}`}
            onChange={setText}
          />
          <Button size="xs" type="submit" variant="filled" disabled={!possible}>
            Add
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
