/** The browser's way to a folder or file of this machine: it has no dialog that tells paths. */
import { Button, Modal, TextInput } from "@mantine/core";
import { IconArrowUp, IconBox, IconFile, IconFolder, IconPuzzle } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { shortText } from "../../src/contract/text.ts";
import { useEngine } from "../client/engine.ts";
import { ErrorCard } from "../widgets/error-card.tsx";
import { toErrorDocument } from "../widgets/error-document.ts";
import { FileText } from "../widgets/file-text.tsx";
import { IconButton } from "../widgets/icon-button.tsx";
import styles from "./folder-sheet.module.css";

export interface FolderSheetProps {
  opened: boolean;
  onClose: () => void;
  onChosen: (paths: string[]) => void;
  /** Ends of names (".jsonl") when a file is wanted, not a folder. */
  files?: readonly string[];
  /** What choosing does with a folder: "Open this folder". */
  verb?: string;
  note?: string;
}

export function FolderSheet({ opened, onClose, ...rest }: FolderSheetProps) {
  const title = rest.files ? "Choose a file on this machine" : "Choose a folder on this machine";
  return (
    <Modal opened={opened} onClose={onClose} title={title} size={620} centered>
      {opened && <FolderBrowser {...rest} />}
    </Modal>
  );
}

const checkpointNote = "A folder may hold several checkpoints; each becomes a row.";

function FolderBrowser({
  onChosen,
  files,
  verb = "Open this folder",
  note,
}: Omit<FolderSheetProps, "opened" | "onClose">) {
  const engine = useEngine();
  const [folder, setFolder] = useState<string>();
  /** What the user is typing; otherwise the field shows the folder on display. */
  const [typed, setTyped] = useState<string>();
  const { data, error, isFetching, isPlaceholderData } = useQuery({
    queryKey: ["browse", folder, files],
    queryFn: () => engine.library.browse({ folder, ...(files && { files: [...files] }) }),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
  const path = typed ?? (isPlaceholderData || error ? folder : data?.folder) ?? "";
  function enter(next: string | undefined) {
    setTyped(undefined);
    setFolder(next);
  }
  return (
    <div className={styles.browser} aria-busy={isFetching}>
      <form
        className={styles.place}
        onSubmit={(event) => {
          event.preventDefault();
          // A form around the sheet would be sent with it.
          event.stopPropagation();
          enter(path.trim() || undefined);
        }}
      >
        <IconButton label="Folder above" disabled={!data?.parent} onClick={() => enter(data?.parent ?? undefined)}>
          <IconArrowUp size={16} stroke={1.4} aria-hidden="true" />
        </IconButton>
        <TextInput
          className={styles.path}
          aria-label="Path"
          value={path}
          onChange={(event) => setTyped(event.currentTarget.value)}
          spellCheck={false}
        />
        <Button type="submit" variant="default">
          Go
        </Button>
      </form>
      {error ? (
        <ErrorCard error={toErrorDocument(error)} />
      ) : (
        <Entries data={data} onEnter={enter} onChosen={onChosen} wanted={files ? "file" : "checkpoint"} />
      )}
      <div className={styles.actions}>
        <span className={styles.note}>{note ?? (files ? `Files ending in ${files.join(", ")}` : checkpointNote)}</span>
        {!files && (
          <Button
            variant="filled"
            disabled={path.trim() === "" || error !== null}
            onClick={() => onChosen([path.trim()])}
          >
            {verb}
          </Button>
        )}
      </div>
    </div>
  );
}

type Browsed = Awaited<ReturnType<ReturnType<typeof useEngine>["library"]["browse"]>>;

interface EntriesProps {
  data: Browsed | undefined;
  onEnter: (folder: string) => void;
  onChosen: (paths: string[]) => void;
  wanted: "file" | "checkpoint";
}

const kinds = {
  folder: { Icon: IconFolder, word: "" },
  model: { Icon: IconBox, word: "checkpoint" },
  adapter: { Icon: IconPuzzle, word: "adapter" },
  file: { Icon: IconFile, word: "" },
};

function Entries({ data, onEnter, onChosen, wanted }: EntriesProps) {
  if (data?.entries.length === 0) {
    const nothing =
      wanted === "file" ? "No folders and no such files in here." : "No folders and no checkpoints in here.";
    return <p className={styles.empty}>{nothing}</p>;
  }
  return (
    <ul className={styles.entries} data-testid="folder-entries">
      {data?.entries.map(({ name, path, kind }) => {
        const { Icon, word } = kinds[kind];
        return (
          <li key={path} className={styles.entry}>
            <button
              type="button"
              className={styles.name}
              onClick={() => (kind === "file" ? onChosen([path]) : onEnter(path))}
            >
              <Icon size={16} stroke={1.4} aria-hidden="true" />
              <FileText text={name} limit={60} />
              <span className={styles.kind}>{word}</span>
            </button>
            {kind !== "folder" && (kind === "file") === (wanted === "file") && (
              <Button
                size="xs"
                variant="default"
                onClick={() => onChosen([path])}
                aria-label={`Open ${shortText(name, 60)}`}
              >
                Open
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
