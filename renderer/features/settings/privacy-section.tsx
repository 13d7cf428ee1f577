/** What may leave this machine: questions to the Hub about models that the user names, and those only where allowed. */
import type { Settings } from "../../../src/contract/domain/settings.ts";
import { useConfigure } from "../../client/configure.ts";
import { Segmented } from "../../widgets/segmented.tsx";
import { Row } from "./row.tsx";

const notes = {
  off: "Nothing leaves this machine. Hub ids are looked up in the local Hugging Face cache.",
  request: "Only models that you name by their id are asked for, and none is downloaded before you say so.",
} as const;

export function PrivacySection({ settings }: { settings: Settings }) {
  const configure = useConfigure();
  return (
    <>
      <Row name="Network" note={notes[settings.network]}>
        <Segmented
          label="Network"
          value={settings.network}
          options={[
            { value: "off", label: "Off" },
            { value: "request", label: "Hub on request" },
          ]}
          onChange={(network) => configure({ network })}
        />
      </Row>
      <Row name="Telemetry">there is none</Row>
    </>
  );
}
