/** What a run needs of the device's memory, part by part; what would make it fit. */
import { Button } from "@mantine/core";
import { IconCheck, IconCpu } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { MemoryEstimate, RunConfig } from "../../../../src/contract/domain/training.ts";
import { formatBytes } from "../../../../src/contract/format.ts";
import { useEngine } from "../../../client/engine.ts";
import { estimateQuery } from "../../../client/training-queries.ts";
import { Chip } from "../../../widgets/chip.tsx";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import { Term } from "../../../widgets/term.tsx";
import liveStyles from "../live.module.css";
import { methodNames } from "../model/fields.ts";
import formStyles from "../recipe.module.css";
import styles from "../training.module.css";
import type { DraftModel } from "../use-draft.ts";

export function MemoryPanel({ model, config }: { model: DraftModel; config: RunConfig | undefined }) {
  const engine = useEngine();
  const { data, error, isPlaceholderData } = useQuery(estimateQuery(engine, config));
  return (
    <Panel
      testId="memory"
      title={<span className={styles.titleRow}>Memory {data && <Fit fits={data.fits} />}</span>}
      actions={data && <Device estimate={data} />}
    >
      {error ? (
        <ErrorCard error={toErrorDocument(error)} />
      ) : data ? (
        <div data-stale={isPlaceholderData || undefined} className={styles.stack}>
          <Bars estimate={data} />
          {data.remedy && (
            <div className={formStyles.remedy} data-testid="remedy">
              <span>
                <FileText text={data.remedy.text} limit={300} />
              </span>
              <Button size="xs" variant="filled" onClick={() => apply(model, data.remedy?.values ?? {})}>
                Use it
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

function Device({ estimate: { device } }: { estimate: MemoryEstimate }) {
  return (
    <span className={styles.note}>
      <IconCpu size={13} stroke={1.4} aria-hidden="true" /> <FileText text={device.name} limit={40} /> ·{" "}
      {formatBytes(device.memoryBytes)}, {formatBytes(device.freeBytes)} free · <Term name="estimated">estimated</Term>
    </span>
  );
}

const partNames = new Map([
  ["optimizer", "optimiser"],
  ["kept", "kept inputs"],
  ["peak", "largest step"],
  ["margin", "reserve"],
]);

const partColours = [
  "var(--run-base)",
  "var(--accent)",
  "var(--run-A)",
  "var(--run-D)",
  "var(--line-strong)",
  "var(--run-C)",
];

function Bars({ estimate }: { estimate: MemoryEstimate }) {
  const { parts, totalBytes, device, method, others } = estimate;
  const other = others.find((entry) => entry.method === (method === "full" ? "lora" : "full")) ?? others[0];
  const named = Object.entries(parts).filter(([, bytes]) => bytes > 0);
  const whole = device.freeBytes > 0 ? device.freeBytes : device.memoryBytes;
  return (
    <>
      <Bar name="This run" total={totalBytes} room={whole} parts={named} />
      {other && <Bar name={methodNames[other.method]} total={other.totalBytes} room={whole} parts={undefined} />}
      <ul className={liveStyles.legend}>
        {named.map(([name, bytes], index) => (
          <li key={name}>
            <i style={{ background: partColours[index % partColours.length] }} aria-hidden="true" />
            {partNames.get(name) ?? name} {formatBytes(bytes)}
          </li>
        ))}
      </ul>
    </>
  );
}

interface BarProps {
  name: string;
  total: number;
  /** Free memory. */
  room: number;
  /** One plain part where they are not known. */
  parts: [string, number][] | undefined;
}

function Bar({ name, total, room, parts }: BarProps) {
  const over = total > room;
  const scale = Math.max(1, room);
  const shown = parts ?? [[name, total]];
  const drawn = shown.reduce((sum, [, bytes]) => sum + bytes, 0);
  const shrink = over ? room / drawn : 1;
  return (
    <div className={liveStyles.bar}>
      <span>{name}</span>
      <div
        className={liveStyles.barTrack}
        role="img"
        aria-label={`${name}: about ${formatBytes(total)} of ${formatBytes(room)} free${over ? ", does not fit" : ""}`}
      >
        {shown.map(([part, bytes], index) => (
          <span
            key={part}
            title={`${partNames.get(part) ?? part} ${formatBytes(bytes)}`}
            style={{
              width: `${((bytes * shrink) / scale) * 100}%`,
              background: parts ? partColours[index % partColours.length] : "var(--field)",
            }}
          />
        ))}
        {over && <i className={liveStyles.over} />}
      </div>
      <b data-over={over || undefined}>≈ {formatBytes(total)}</b>
    </div>
  );
}
