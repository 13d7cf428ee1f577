/** Base and runs in the head of the page; runs can be taken away and added. */
import { Menu } from "@mantine/core";
import { IconArrowRight, IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { formatNumberOf } from "../../../../src/contract/format.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { RunChip } from "../../../widgets/run-chip.tsx";
import type { CompareModel } from "../compare-model.ts";
import { mostRuns } from "../model/runs.ts";
import { memoPart } from "../parts-memo.ts";
import styles from "./run-chips.module.css";

/** More chips leave no room for details. */
const detailedRuns = 3;
const compactRuns = 5;

const read = ["runs", "others", "update"] as const;
type ChipsModel = Pick<CompareModel, (typeof read)[number]>;

export const RunChips = memoPart(RunChipsPart, read);

function RunChipsPart({ compare }: { compare: ChipsModel }) {
  const { runs, update } = compare;
  const base = runs[0]?.base;
  if (!base) return null;
  const keep = (kept: readonly AppRun[]) => update({ runs: kept.map(({ id }) => id).join(",") });
  return (
    <>
      <RunChip letter="0" label={base.label} detail={runs.length <= compactRuns ? baseDetail(base) : "base"} />
      <IconArrowRight className={styles.arrow} size={14} stroke={1.4} aria-label="tuned to" />
      {runs.map((run, index) => (
        <Menu key={run.id} width={200}>
          <Menu.Target>
            <button type="button" className={styles.chip} title={`${run.label} · ${run.detail}`}>
              <RunBadge letter={run.letter} />
              <b>
                <FileText text={run.label} limit={28} />
              </b>
              {runs.length <= detailedRuns && <span className={styles.detail}>{run.detail}</span>}
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{run.detail}</Menu.Label>
            <Menu.Item disabled={index === 0} onClick={() => keep(moved(runs, index, -1))}>
              Move to the left
            </Menu.Item>
            <Menu.Item disabled={index === runs.length - 1} onClick={() => keep(moved(runs, index, 1))}>
              Move to the right
            </Menu.Item>
            <Menu.Item disabled={runs.length === 1} onClick={() => keep([run])}>
              Show only this run
            </Menu.Item>
            <Menu.Item disabled={runs.length === 1} onClick={() => keep(runs.filter((other) => other !== run))}>
              Take out of the comparison
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ))}
      <AddRun compare={compare} keep={keep} />
    </>
  );
}

function AddRun({ compare, keep }: { compare: ChipsModel; keep: (runs: readonly AppRun[]) => void }) {
  const navigate = useNavigate();
  const { runs, others } = compare;
  return (
    <Menu width={260}>
      <Menu.Target>
        <IconButton label="Add a tuned run">
          <IconPlus size={16} stroke={1.4} aria-hidden="true" />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        {others.map((run) => (
          <Menu.Item
            key={run.id}
            disabled={runs.length >= mostRuns}
            leftSection={<RunBadge letter={run.letter} />}
            rightSection={<span className={styles.detail}>{`k ${run.k}, ε ${run.epsilon}`}</span>}
            onClick={() => keep([...runs, run])}
          >
            <FileText text={run.label} limit={30} />
          </Menu.Item>
        ))}
        {others.length === 0 && <Menu.Label>All runs of this base are shown</Menu.Label>}
        <Menu.Divider />
        <Menu.Item onClick={() => void navigate({ to: "/library" })}>Open another in the library</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function baseDetail({ dtype, layers }: AppRun["base"]): string {
  return `base · ${dtype.toLowerCase()} · ${formatNumberOf(layers, "layer")}`;
}

function moved(runs: readonly AppRun[], index: number, step: 1 | -1): AppRun[] {
  const next = [...runs];
  const [run] = next.splice(index, 1);
  if (run) next.splice(index + step, 0, run);
  return next;
}
