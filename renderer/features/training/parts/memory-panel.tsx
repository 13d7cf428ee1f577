/** What a run needs of the device's memory, part by part; what would make it fit. */
import { Button } from "@mantine/core";
import { IconCheck, IconCpu } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import {
  type DiskRoom,
  devicesIn,
  type MemoryEstimate,
  type RunConfig,
} from "../../../../src/contract/domain/training.ts";
import { formatBytes, formatNumberOf } from "../../../../src/contract/format.ts";
import { useEngine } from "../../../client/engine.ts";
import { estimateQuery } from "../../../client/training-queries.ts";
import { Chip } from "../../../widgets/chip.tsx";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import { Term } from "../../../widgets/term.tsx";
import { remedyWords } from "../model/remedies.ts";
import formStyles from "../recipe.module.css";
import styles from "../training.module.css";
import type { DraftModel } from "../use-draft.ts";
import { MemoryBars } from "./memory-bars.tsx";

export function MemoryPanel({ model, config }: { model: DraftModel; config: RunConfig | undefined }) {
  const engine = useEngine();
  const { data, error, isPlaceholderData } = useQuery(estimateQuery(engine, config));
  return (
    <Panel
      testId="memory"
      className={styles.wrapping}
      title={<span className={styles.titleRow}>Memory {data && <Fit fits={data.fits} />}</span>}
      actions={data && <Device estimate={data} count={config ? devicesIn(config.device).length : 1} />}
    >
      {error ? (
        <ErrorCard error={toErrorDocument(error)} />
      ) : data ? (
        <div data-stale={isPlaceholderData || undefined} className={styles.stack}>
          <MemoryBars estimate={data} />
          <Disk room={data.disk} />
          {data.remedy && (
            <div className={formStyles.remedy} data-testid="remedy">
              <span>
                <FileText text={data.remedy.text} limit={300} />
              </span>
              <Button size="xs" variant="filled" onClick={() => apply(model, data.remedy?.values ?? {})}>
                {remedyWords(leaves(data.remedy.values))}
              </Button>
            </div>
          )}
        </div>
      ) : (
        <p className={styles.note}>{config ? <Placeholder height={62} /> : "Known when base and data are chosen."}</p>
      )}
    </Panel>
  );
}

function apply(model: DraftModel, values: Readonly<Record<string, unknown>>): void {
  for (const [field, value] of leaves(values)) model.set(field, value);
}

/** Values to set by dotted field, whether they come nested or dotted. */
function leaves(values: Readonly<Record<string, unknown>>, before = ""): [string, unknown][] {
  return Object.entries(values).flatMap(([key, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? leaves(value as Record<string, unknown>, `${before}${key}.`)
      : [[`${before}${key}`, value] as [string, unknown]],
  );
}

function Fit({ fits }: { fits: boolean }) {
  return fits ? (
    <Chip tone="ok">
      <IconCheck size={12} stroke={1.6} aria-hidden="true" /> fits
    </Chip>
  ) : (
    <Chip tone="bad">does not fit</Chip>
  );
}

/** Of several devices each holds so much. */
function Device({ estimate, count }: { estimate: MemoryEstimate; count: number }) {
  const { device, measured } = estimate;
  return (
    <span className={styles.note}>
      <IconCpu size={13} stroke={1.4} aria-hidden="true" /> {count > 1 && `each of ${count}: `}
      <FileText text={device.name} limit={40} /> · {formatBytes(device.memoryBytes)}, {formatBytes(device.freeBytes)}{" "}
      free · <Term name="estimated">estimated</Term>{" "}
      <span title={measured > 0 ? `By the measured peak of ${formatNumberOf(measured, "like run")}` : undefined}>
        ± {marginOf(estimate)} %
      </span>
    </span>
  );
}

/** Half of the expected range, in percent of the estimate. */
function marginOf({ range, totalBytes }: MemoryEstimate): number {
  return Math.max(1, Math.round(((range.high - range.low) / 2 / Math.max(1, totalBytes)) * 100));
}

/** What checkpoints and the export take where runs are written. */
function Disk({ room: { neededBytes, freeBytes } }: { room: DiskRoom }) {
  const full = neededBytes > freeBytes;
  return (
    <p className={full ? styles.bad : styles.note} data-testid="disk">
      Disk ≈ {formatBytes(neededBytes)} of {formatBytes(freeBytes)} free
      {full && ": keep fewer checkpoints, or free some space"}
    </p>
  );
}
