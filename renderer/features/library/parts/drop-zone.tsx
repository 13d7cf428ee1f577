/** The ways in: dropping, choosing, the Hugging Face cache, a Hub id. */
import { Button } from "@mantine/core";
import { IconFolder } from "@tabler/icons-react";
import { HubField } from "./hub-field.tsx";
import styles from "./open-places.module.css";

export interface DropZoneProps {
  /** Files hover over the window. */
  over: boolean;
  adding: boolean;
  scanning: boolean;
  onChoose: () => void;
  onScan: () => void;
  looking: boolean;
  onHubAddress: (address: string) => void;
}

export function DropZone({ over, adding, scanning, looking, onChoose, onScan, onHubAddress }: DropZoneProps) {
  return (
    <div className={`${styles.drop} ${over ? styles.over : ""}`} data-testid="drop-zone">
      <IconFolder size={18} stroke={1.4} aria-hidden="true" />
      <p className={styles.dropText}>
        <b>{over ? "Drop to open" : "Drop a folder, an adapter or a .safetensors file"}</b>
        <br />
        <span className={styles.note}>The header is read first; no weights are loaded.</span>
      </p>
      <Button size="xs" variant="default" loading={adding} onClick={onChoose}>
        Choose folder
      </Button>
      <Button size="xs" variant="default" loading={scanning} onClick={onScan}>
        Scan Hugging Face cache
      </Button>
      <HubField looking={looking} onAddress={onHubAddress} />
    </div>
  );
}
