/** Memory of a run and of the other method at the same settings, part by part, against what is free. */
import type { MemoryEstimate } from "../../../../src/contract/domain/training.ts";
import { formatBytes } from "../../../../src/contract/format.ts";
import liveStyles from "../live.module.css";
import { methodNames } from "../model/fields.ts";

/** In the order of the bar: name and colour. */
const known = new Map([
  ["weights", { name: "weights", colour: "var(--run-base)" }],
  ["optimizer", { name: "optimiser", colour: "var(--accent)" }],
  ["kept", { name: "kept inputs", colour: "var(--run-A)" }],
  ["peak", { name: "largest step", colour: "var(--run-D)" }],
  ["margin", { name: "reserve", colour: "var(--line-strong)" }],
]);

function meaningOf(part: string) {
  return known.get(part) ?? { name: part, colour: "var(--run-C)" };
}

export function MemoryBars({ estimate }: { estimate: MemoryEstimate }) {
  const { parts, totalBytes, device, method, others } = estimate;
  const other = others.find((entry) => entry.method === (method === "full" ? "lora" : "full")) ?? others[0];
  const room = device.freeBytes > 0 ? device.freeBytes : device.memoryBytes;
  return (
    <>
      <Bar name="This run" total={totalBytes} room={room} parts={parts} />
      {other && <Bar name={nameOf(other.method)} total={other.totalBytes} room={room} parts={other.parts} />}
      <ul className={liveStyles.legend}>
        {shownParts(parts).map(([part, bytes]) => (
          <li key={part}>
            <i style={{ background: meaningOf(part).colour }} aria-hidden="true" />
            {meaningOf(part).name} {formatBytes(bytes)}
          </li>
        ))}
      </ul>
    </>
  );
}

function nameOf(method: MemoryEstimate["method"]): string {
  return method === "full" ? "Full fine-tuning" : methodNames[method];
}

function shownParts(parts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(parts).filter(([, bytes]) => bytes > 0);
}

interface BarProps {
  name: string;
  total: number;
  /** Free memory. */
  room: number;
  parts: Readonly<Record<string, number>>;
}

function Bar({ name, total, room, parts }: BarProps) {
  const over = total > room;
  const shown = shownParts(parts);
  // A measured total takes the place of the parts' sum: they keep their shares of it.
  const sum = Math.max(
    1,
    shown.reduce((all, [, bytes]) => all + bytes, 0),
  );
  const length = Math.min(1, total / Math.max(1, room));
  return (
    <div className={liveStyles.bar}>
      <span>{name}</span>
      <div
        className={liveStyles.barTrack}
        role="img"
        aria-label={`${name}: about ${formatBytes(total)} of ${formatBytes(room)} free${over ? ", does not fit" : ""}`}
      >
        {shown.map(([part, bytes]) => (
          <span
            key={part}
            title={`${meaningOf(part).name} ${formatBytes(bytes)}`}
            style={{ width: `${(bytes / sum) * length * 100}%`, background: meaningOf(part).colour }}
          />
        ))}
        {over && <i className={liveStyles.over} />}
      </div>
      <b data-over={over || undefined}>≈ {formatBytes(total)}</b>
    </div>
  );
}
