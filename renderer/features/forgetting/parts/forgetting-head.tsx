/** Base, runs, the intervention that is not saved, link, export, and Evaluate. */
import { Button, Menu } from "@mantine/core";
import { IconArrowRight, IconPlayerPlay, IconPlus } from "@tabler/icons-react";
import { formatThreshold } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { useHost } from "../../../host/host.ts";
import { CopyLink } from "../../../widgets/copy-link.tsx";
import { ExportMenu } from "../../../widgets/export-menu.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { PageHead } from "../../../widgets/page-head.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { RunChip } from "../../../widgets/run-chip.tsx";
import styles from "../forgetting.module.css";
import { mostRuns } from "../model/question.ts";
import { useForgettingExports } from "../use-exports.ts";
import type { ForgettingModel } from "../use-forgetting.ts";

/** Runs with a chip of their own; more would push the actions off the row. */
const mostChips = 4;
/** Chips that leave room for the intervention's too. */
const fewChips = 3;

export function ForgettingHead({ model }: { model: ForgettingModel }) {
  const host = useHost();
  const groups = useForgettingExports(model);
  const { base, shown, swept, lambda, change } = model;
  const edited = swept !== undefined && lambda !== undefined && lambda !== 1;
  const chips = shown.slice(0, edited ? fewChips : mostChips);
  return (
    <PageHead
      title="Forgetting"
      actions={
        <>
          <CopyLink link={() => host.link()} />
          {model.document && <ExportMenu groups={groups} />}
          <Button
            variant="filled"
            leftSection={<IconPlayerPlay size={14} stroke={1.4} aria-hidden="true" />}
            onClick={() => change({ sheet: "evaluate" })}
          >
            Evaluate
          </Button>
        </>
      }
    >
      {base && (
        <>
          <RunChip letter="0" label={base.label} />
          <IconArrowRight size={14} stroke={1.4} className={styles.arrow} aria-label="tuned to" />
        </>
      )}
      {chips.map(({ id, letter, label }) => (
        <RunChip key={id} letter={letter ?? null} label={label} />
      ))}
      {edited && <RunChip letter={swept.letter ?? null} label={`λ ${formatThreshold(lambda)}`} detail="not saved" />}
      <RunsMenu model={model} more={shown.length - chips.length} />
    </PageHead>
  );
}

function RunsMenu({ model, more }: { model: ForgettingModel; more: number }) {
  const { family, shown, change } = model;
  const known = family.filter(({ run }) => run !== undefined);
  const ids = shown.map(({ id }) => id);
  const toggle = (id: string) => {
    const next = known.map((subject) => subject.id).filter((other) => (other === id) !== ids.includes(other));
    if (next.length > 0 && next.length <= mostRuns) change({ runs: next.join(",") });
  };
  const target =
    more > 0 ? (
      <Button aria-label={`Runs shown: ${shown.length} of ${family.length}`}>+ {more}</Button>
    ) : (
      <IconButton label="Runs shown">
        <IconPlus size={16} stroke={1.4} aria-hidden="true" />
      </IconButton>
    );
  return (
    <Menu position="bottom-start" width={260} closeOnItemClick={false}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {known.map(({ id, letter, label }) => {
          const on = ids.includes(id);
          return (
            <Menu.CheckboxItem
              key={id}
              checked={on}
              disabled={(on && ids.length === 1) || (!on && ids.length >= mostRuns)}
              onChange={() => toggle(id)}
            >
              <RunBadge letter={letter} /> {shortText(label, 30)}
            </Menu.CheckboxItem>
          );
        })}
        {known.length === 0 && <Menu.Label>No run of this base is analysed</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
