/** How the app looks and answers keys. */
import { Switch } from "@mantine/core";
import type { Settings } from "../../../src/contract/domain/settings.ts";
import { useConfigure } from "../../client/configure.ts";
import { Segmented } from "../../widgets/segmented.tsx";
import { KeysRow } from "./keys-row.tsx";
import { Row } from "./row.tsx";

export function GeneralSection({ settings }: { settings: Settings }) {
  const configure = useConfigure();
  return (
    <>
      <Row name="Theme">
        <Segmented
          label="Theme"
          value={settings.theme}
          options={[
            { value: "system", label: "System" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
          onChange={(theme) => configure({ theme })}
        />
      </Row>
      <Row name="Density">
        <Segmented
          label="Density"
          value={settings.density}
          options={[
            { value: "compact", label: "Compact" },
            { value: "comfortable", label: "Comfortable" },
          ]}
          onChange={(density) => configure({ density })}
        />
      </Row>
      <Row name="Numbers" note="Exports always have a dot.">
        <Segmented
          label="Decimal sign"
          value={settings.decimalSign}
          options={[
            { value: ".", label: "12\u202F345.6" },
            { value: ",", label: "12\u202F345,6" },
          ]}
          onChange={(decimalSign) => configure({ decimalSign })}
        />
        <Segmented
          label="Digits"
          value={settings.digits}
          options={[
            { value: "standard", label: "Standard" },
            { value: "more", label: "One more" },
          ]}
          onChange={(digits) => configure({ digits })}
        />
      </Row>
      <Row name="Single keys" note="Keys such as J, K, M and the digits of the views, outside text fields.">
        {(label) => (
          <Switch
            aria-labelledby={label}
            checked={settings.singleKeys}
            onChange={(event) => configure({ singleKeys: event.currentTarget.checked })}
          />
        )}
      </Row>
      <KeysRow given={settings.keys} onChange={(keys) => configure({ keys })} />
    </>
  );
}
