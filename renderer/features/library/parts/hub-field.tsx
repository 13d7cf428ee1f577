/** The field for the id of a model on the Hugging Face Hub. */
import { Loader, TextInput } from "@mantine/core";
import { IconWorld } from "@tabler/icons-react";
import { useState } from "react";
import { hubAddress } from "../../../widgets/hub-address.ts";
import styles from "./open-places.module.css";

export interface HubFieldProps {
  looking: boolean;
  /** Called with an address that is no path: `hf://owner/name@revision`. */
  onAddress: (address: string) => void;
}

export function HubField({ looking, onAddress }: HubFieldProps) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  return (
    <form
      className={styles.hub}
      onSubmit={(event) => {
        event.preventDefault();
        const address = hubAddress(text, "model");
        setWrong(text.trim() !== "" && address === undefined);
        if (address === undefined || looking) return;
        onAddress(address);
        setText("");
      }}
    >
      <TextInput
        size="xs"
        aria-label="Hub id"
        placeholder="Hub id: owner/name"
        title="A model of the Hugging Face Hub; it is shown before anything is downloaded"
        leftSection={<IconWorld size={14} stroke={1.4} aria-hidden="true" />}
        rightSection={looking ? <Loader size={12} aria-label="Looking at the model" /> : undefined}
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
