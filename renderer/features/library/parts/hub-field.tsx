/** The field for the id of a model on the Hugging Face Hub. */
import { Loader, TextInput } from "@mantine/core";
import { IconWorld } from "@tabler/icons-react";
import { useState } from "react";
import { parseHubId } from "../../../../src/contract/hub-id.ts";
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
        const address = hubAddress(text.trim());
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

/** People paste ids, addresses with their scheme, and pages of the Hub: a model's, one of its branches, its files. */
function hubAddress(text: string): string | undefined {
  const page = /^https:\/\/huggingface\.co\/([^?#]*)/.exec(text)?.[1];
  const id = page === undefined ? text.replace(/^hf:\/\//, "") : idOfPage(page);
  const address = `hf://${id}`;
  return id.includes("/") && parseHubId(address) !== undefined ? address : undefined;
}

/** From `owner/name/tree/v2`; the branch of a page comes with its slashes written as `%2F`. */
function idOfPage(page: string): string {
  const [, id = "", kind, revision = ""] = /^([^/]+\/[^/]+)(?:\/(tree|blob)\/([^/]+).*)?\/?$/.exec(page) ?? [];
  return kind === undefined ? id : `${id}@${revision.replaceAll(/%2F/gi, "/")}`;
}
