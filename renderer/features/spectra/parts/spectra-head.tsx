/** Base, runs that can be taken in and out, link and export. */
import { Button, Menu } from "@mantine/core";
import { IconArrowRight, IconChevronDown } from "@tabler/icons-react";
import { shortText } from "../../../../src/contract/text.ts";
import { useHost } from "../../../host/host.ts";
import { CopyLink } from "../../../widgets/copy-link.tsx";
import { ExportMenu } from "../../../widgets/export-menu.tsx";
import { PageHead } from "../../../widgets/page-head.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { RunChip } from "../../../widgets/run-chip.tsx";
import { mostRuns } from "../model/choice.ts";
import styles from "../spectra.module.css";
import { useSpectraExports } from "../use-exports.ts";
import type { SpectraModel } from "../use-spectra.ts";

/** Runs with a chip of their own; more would push the actions off the row. */
const mostChips = 4;

export function SpectraHead({ model }: { model: SpectraModel }) {
  const host = useHost();
  const groups = useSpectraExports(model);
  const runs = model.spectra.map(({ run }) => run);
  const base = runs[0]?.base;
  return (
    <PageHead
      title="Spectra & rank"
      actions={
        <>
          <CopyLink link={() => host.link()} />
          <ExportMenu groups={() => groups} />
        </>
      }
    >
      {base && (
        <>
          <RunChip letter="0" label={base.label} detail={`${base.dtype.toLowerCase()} · ${base.layers} layers`} />
          <IconArrowRight size={14} stroke={1.4} className={styles.arrow} aria-hidden="true" />
        </>
      )}
      {runs.slice(0, mostChips).map((run) => (
        <RunChip key={run.id} letter={run.letter} label={run.label} />
      ))}
      <RunsMenu model={model} />
    </PageHead>
  );
}

function RunsMenu({ model: { family, spectra, change } }: { model: SpectraModel }) {
  const shown = spectra.map(({ run }) => run.id);
  if (family.length < 2) return null;
  const toggle = (id: string) => {
    const next = family.map((run) => run.id).filter((known) => (known === id) !== shown.includes(known));
    if (next.length > 0 && next.length <= mostRuns) change({ runs: next.join(",") });
  };
  const more = shown.length - mostChips;
  const words = `${more > 0 ? `+ ${more} · ` : ""}${shown.length} of ${family.length} runs`;
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          aria-label={`Runs shown: ${words}`}
          size="sm"
          rightSection={<IconChevronDown size={12} stroke={1.4} aria-hidden="true" />}
        >
          {words}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {family.map(({ id, letter, label, detail }) => {
          const on = shown.includes(id);
          return (
            <Menu.CheckboxItem
              key={id}
              checked={on}
              disabled={(on && shown.length === 1) || (!on && shown.length >= mostRuns)}
              rightSection={<span className={styles.detail}>{shortText(detail, 32)}</span>}
              onChange={() => toggle(id)}
            >
              <span className={styles.runTitle}>
                <RunBadge letter={letter} /> {shortText(label, 32)}
              </span>
            </Menu.CheckboxItem>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
