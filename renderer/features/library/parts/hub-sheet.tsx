/** A model of the Hub before its download: what it is, on which terms, and what will be loaded. */
import { Button, Modal } from "@mantine/core";
import { formatBytes, formatNumberOf, formatParameters } from "../../../../src/contract/format.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Notice } from "../../../widgets/notice.tsx";
import type { HubModel } from "../use-hub-model.ts";
import styles from "./hub-sheet.module.css";

export interface HubSheetProps {
  model: HubModel | undefined;
  starting: boolean;
  onDownload: (model: HubModel) => void;
  onClose: () => void;
}

export function HubSheet({ model, starting, onDownload, onClose }: HubSheetProps) {
  return (
    <Modal opened={model !== undefined} onClose={onClose} title="Model on the Hub" size={560} centered>
      {model && (
        <div className={styles.sheet} data-testid="hub-sheet">
          <Facts model={model} />
          <Files model={model} />
          {model.hub.gated && (
            <Notice tone="info" title="Only for people who accepted its terms">
              The download needs the token of an account that did: keep it in the settings, Hugging Face.
            </Notice>
          )}
          <div className={styles.actions}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="filled" loading={starting} onClick={() => onDownload(model)} data-autofocus>
              {model.hub.missingBytes > 0 ? `Download ${formatBytes(model.hub.missingBytes)}` : "Add"}
            </Button>
          </div>
        </div>
      )}
    </Modal>
  );
}

function Facts({ model: { inspection, hub } }: { model: HubModel }) {
  return (
    <dl className={styles.facts}>
      <dt>Name</dt>
      <dd>
        <FileText text={inspection.repository ?? ""} />
      </dd>
      <dt>Commit</dt>
      <dd>
        <FileText text={inspection.revision ?? ""} mono />
      </dd>
      <dt>Licence</dt>
      <dd>{hub.licence === null ? "not named" : <FileText text={hub.licence} />}</dd>
      <dt>Kind</dt>
      <dd>
        <FileText text={kindOf(inspection)} />
      </dd>
      {inspection.adapter?.baseModel && (
        <>
          <dt>Base</dt>
          <dd>
            <FileText text={inspection.adapter.baseModel} />
          </dd>
        </>
      )}
    </dl>
  );
}

function kindOf({ checkpoint, adapter }: HubModel["inspection"]): string {
  if (adapter) return [adapter.type, adapter.rank === null ? "" : `rank ${adapter.rank}`].filter(Boolean).join(", ");
  if (!checkpoint) return "unknown";
  const { architecture, parameters, dtype } = checkpoint;
  return `${architecture ?? "unknown architecture"}, ${formatParameters(parameters)} parameters, ${dtype}`;
}

/** Files named one by one; a sharded model has dozens. */
const mostFiles = 200;

function Files({ model: { hub } }: { model: HubModel }) {
  const here = hub.bytes - hub.missingBytes;
  return (
    <section aria-label="Files">
      <p>
        {formatNumberOf(hub.files.length, "file")}, {formatBytes(hub.bytes)}
        {here > 0 && `; ${formatBytes(here)} are in the Hugging Face cache already`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <ul className={styles.files} aria-label="What will be loaded" tabIndex={0}>
        {hub.files.slice(0, mostFiles).map(({ name, bytes, here: present }) => (
          <li key={name}>
            <FileText text={name} mono />
            <span className={styles.quiet}>{present ? "here" : formatBytes(bytes)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
