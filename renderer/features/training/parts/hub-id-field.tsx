/** A name on the Hugging Face Hub in place of a folder or file of this machine. */
import { TextInput } from "@mantine/core";
import { IconWorld } from "@tabler/icons-react";
import { useState } from "react";
import { hubAddress } from "../../../widgets/hub-address.ts";

export interface HubIdFieldProps {
  /** "Hub id of the base" */
  label: string;
  type: "model" | "dataset";
  /** `hf://owner/name`, `hf://datasets/owner/name`. */
  onAddress: (address: string) => void;
}

/** Nothing is asked of the Hub yet: the recipe names it, and what it names can be looked at and downloaded. */
export function HubIdField({ label, type, onAddress }: HubIdFieldProps) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  function take() {
    const address = hubAddress(text, type);
    setWrong(text.trim() !== "" && address === undefined);
    if (address === undefined) return;
    onAddress(address);
    setText("");
  }
  return (
    <TextInput
      size="xs"
      aria-label={label}
      placeholder="or a Hub id: owner/name"
      leftSection={<IconWorld size={14} stroke={1.4} aria-hidden="true" />}
      value={text}
      error={wrong ? "A Hub id reads owner/name." : undefined}
      onChange={(event) => {
        setText(event.currentTarget.value);
        setWrong(false);
      }}
      onKeyDown={(event) => event.key === "Enter" && take()}
      onBlur={take}
      spellCheck={false}
    />
  );
}
