/** The ways in: dropping, choosing, the Hugging Face cache, a Hub id. */
import { Button, TextInput } from "@mantine/core";
import { IconFolder, IconWorld } from "@tabler/icons-react";
import { useState } from "react";
import styles from "./open-places.module.css";

export interface DropZoneProps {
  /** Files hover over the window. */
  over: boolean;
  adding: boolean;
  scanning: boolean;
  onChoose: () => void;
  onScan: () => void;
  onHubId: (id: string) => void;
}

/** "owner/name" with an optional "@revision", as the Hub allows them. */
const hubId = /^[\w.-]{1,96}\/[\w.-]{1,96}(@[\w.-]{1,96})?$/;

export function DropZone({ over, adding, scanning, onChoose, onScan, onHubId }: DropZoneProps) {
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
      <HubField onHubId={onHubId} />
    </div>
  );
}

function HubField({ onHubId }: Pick<DropZoneProps, "onHubId">) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <form
      className={styles.hub}
      onSubmit={(event) => {
        event.preventDefault();
        const id = text.trim();
        setWrong(id !== "" && !hubId.test(id));
        if (!hubId.test(id)) return;
        onHubId(id);
        setText("");
      }}
    >
      <TextInput
        size="xs"
        aria-label="Hub id"
        placeholder="Hub id: owner/name"
        title="Looked up in this machine's Hugging Face cache; nothing is downloaded"
        leftSection={<IconWorld size={14} stroke={1.4} aria-hidden="true" />}
        value={text}
        error={wrong ? "A Hub id reads owner/name." : undefined}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setWrong(false);
        }}
        spellCheck={false}
      />
    </form>
  );
}
