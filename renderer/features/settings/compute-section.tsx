/** What jobs may use of this machine, and what becomes of fine-tunes when the app ends. */
import { Button, NumberInput } from "@mantine/core";
import { useState } from "react";
import type { Settings, WorkspaceInfo } from "../../../src/contract/domain/settings.ts";
import { formatBytes, formatNumberOf } from "../../../src/contract/format.ts";
import { useConfigure } from "../../client/configure.ts";
import { Segmented } from "../../widgets/segmented.tsx";
import { PythonRow } from "./python-row.tsx";
import { Row } from "./row.tsx";

const bytesPerGigabyte = 1e9;
/** Less memory than this cannot hold one large matrix. */
const smallestGigabytes = 0.5;

export interface ComputeSectionProps {
  settings: Settings;
  workspace: WorkspaceInfo;
}

export function ComputeSection({ settings, workspace }: ComputeSectionProps) {
  const configure = useConfigure();
  const memory = settings.memoryBytes;
  const { machine } = workspace;
  return (
    <>
      <Row name="Threads" note={`of ${machine.threads}; the next job uses them`}>
        {(label) => (
          <Limit
            label={label}
            value={settings.threads}
            placeholder={String(machine.threads)}
            min={1}
            max={machine.threads}
            step={1}
            reset={`Use all ${formatNumberOf(machine.threads, "thread")}`}
            onChange={(threads) => configure({ threads })}
          />
        )}
      </Row>
      <Row name="Memory cap" note={`of ${formatBytes(machine.memoryBytes)}; the next job keeps to it`}>
        {(label) => (
          <Limit
            label={label}
            value={memory === null ? null : memory / bytesPerGigabyte}
            placeholder={(workspace.memoryBytes / bytesPerGigabyte).toFixed(1)}
            min={smallestGigabytes}
            max={machine.memoryBytes / bytesPerGigabyte}
            step={0.5}
            suffix=" GB"
            reset="Decide by itself"
            onChange={(gigabytes) =>
              configure({ memoryBytes: gigabytes === null ? null : Math.round(gigabytes * bytesPerGigabyte) })
            }
          />
        )}
      </Row>
      <PythonRow settings={settings} />
      <Row
        name="Fine-tunes when the app closes"
        note={
          settings.trainingsAtClose === "keep-training"
            ? "Runs that start from now on outlive the app, also a crash, and the next start shows them live. A sweep goes on with its next run then."
            : "A run saves after its current step and stops, also when the app crashes. In a browser, closing the page stops nothing."
        }
      >
        <Segmented
          label="Fine-tunes when the app closes"
          value={settings.trainingsAtClose}
          options={[
            { value: "save-and-stop", label: "Save and stop" },
            { value: "keep-training", label: "Keep training" },
          ]}
          onChange={(trainingsAtClose) => configure({ trainingsAtClose })}
        />
      </Row>
      <Row name="Fine-tunes at the next start" note="Those that had stopped, or still waited for their turn.">
        <Segmented
          label="Fine-tunes at the next start"
          value={settings.resumeTrainings ? "resume" : "wait"}
          options={[
            { value: "wait", label: "Wait to be resumed" },
            { value: "resume", label: "Go on by themselves" },
          ]}
          onChange={(choice) => configure({ resumeTrainings: choice === "resume" })}
        />
      </Row>
    </>
  );
}

interface LimitProps {
  label: string;
  value: number | null;
  placeholder: string;
  min: number;
  max: number;
  step: number;
  suffix?: string;
  reset: string;
  onChange: (value: number | null) => void;
}

/** A number that is kept when the field is left or Enter pressed; empty means "no limit of its own". */
function Limit({ label, value, placeholder, min, max, step, suffix = "", reset, onChange }: LimitProps) {
  const [typed, setTyped] = useState<number | string>();
  function keep() {
    if (typed === undefined) return;
    const number = typeof typed === "number" ? Math.min(max, Math.max(min, typed)) : null;
    setTyped(undefined);
    if (number !== value) onChange(number);
  }
  return (
    <>
      <NumberInput
        w={110}
        aria-labelledby={label}
        value={typed ?? value ?? ""}
        placeholder={placeholder + suffix}
        min={min}
        max={max}
        step={step}
        suffix={suffix}
        decimalScale={step < 1 ? 1 : 0}
        onChange={setTyped}
        onBlur={keep}
        onKeyDown={(event) => event.key === "Enter" && keep()}
      />
      {value !== null && (
        <Button variant="subtle" onClick={() => onChange(null)}>
          {reset}
        </Button>
      )}
    </>
  );
}
