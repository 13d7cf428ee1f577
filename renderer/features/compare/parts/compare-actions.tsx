/** Copy link, and everything that can be taken away from the view. */
import { IconLink } from "@tabler/icons-react";
import { useState } from "react";
import type { ErrorDocument } from "../../../../src/contract/errors.ts";
import { useChartShelf } from "../../../charts/chart-shelf.tsx";
import { usePinGroup } from "../../../charts/pin-group.ts";
import { useEngine } from "../../../client/engine.ts";
import { useHost } from "../../../host/host.ts";
import { announce } from "../../../widgets/announce.ts";
import { copyText } from "../../../widgets/copy-button.tsx";
import { ExportMenu } from "../../../widgets/export-menu.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import type { CompareModel } from "../compare-model.ts";
import styles from "./compare-actions.module.css";
import { exportGroups } from "./exports.ts";
import { pinSource } from "./pin-source.ts";

export function CompareActions({ compare }: { compare: CompareModel }) {
  const engine = useEngine();
  const host = useHost();
  const shelf = useChartShelf();
  const pinGroup = usePinGroup();
  const [error, setError] = useState<ErrorDocument>();
  const copyLink = async () => {
    const copied = await copyText(host.link());
    announce(copied ? "Link copied." : "The browser refused the clipboard.");
  };
  return (
    <>
      {error && (
        <span role="alert" className={styles.error} title={error.message}>
          Export failed: {error.message}
        </span>
      )}
      <IconButton label="Copy link to this view" onClick={copyLink}>
        <IconLink size={16} stroke={1.4} aria-hidden="true" />
      </IconButton>
      <ExportMenu
        groups={() => {
          const [first, ...others] = exportGroups({ compare, engine, host, shelf });
          const pins = pinGroup(pinSource(compare, (question) => engine.runs.findings(question)));
          return [...(first ? [first] : []), pins, ...others];
        }}
        onError={setError}
      />
    </>
  );
}
