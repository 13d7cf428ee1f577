/** The browser's way to a folder of this machine: it has no file dialog that tells paths. */
import { Button, Modal, TextInput } from "@mantine/core";
import { IconArrowUp, IconBox, IconFolder, IconPuzzle } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { shortText } from "../../../../src/contract/text.ts";
import { useEngine } from "../../../client/engine.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import styles from "./folder-sheet.module.css";

export interface FolderSheetProps {
  opened: boolean;
  onClose: () => void;
  onChosen: (paths: string[]) => void;
}

export function FolderSheet({ opened, onClose, onChosen }: FolderSheetProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Choose a folder on this machine" size={620} centered>
      {opened && <FolderBrowser onChosen={onChosen} />}
    </Modal>
  );
}

function FolderBrowser({ onChosen }: Pick<FolderSheetProps, "onChosen">) {
  const engine = useEngine();
  const [folder, setFolder] = useState<string>();
  /** What the user is typing; otherwise the field shows the folder on display. */
  const [typed, setTyped] = useState<string>();
  const { data, error, isFetching, isPlaceholderData } = useQuery({
    queryKey: ["browse", folder],
    queryFn: () => engine.library.browse({ folder }),
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
        <Entries data={data} onEnter={enter} onChosen={onChosen} />
      )}
      <div className={styles.actions}>
        <span className={styles.note}>A folder may hold several checkpoints; each becomes a row.</span>
        <Button
          variant="filled"
          disabled={path.trim() === "" || error !== null}
          onClick={() => onChosen([path.trim()])}
        >
          Open this folder
        </Button>
      </div>
    </div>
  );
}

type Browsed = Awaited<ReturnType<ReturnType<typeof useEngine>["library"]["browse"]>>;

interface EntriesProps {
  data: Browsed | undefined;
  onEnter: (folder: string) => void;
  onChosen: (paths: string[]) => void;
}

const kinds = {
  folder: { Icon: IconFolder, word: "" },
  model: { Icon: IconBox, word: "checkpoint" },
  adapter: { Icon: IconPuzzle, word: "adapter" },
};

function Entries({ data, onEnter, onChosen }: EntriesProps) {
  if (data?.entries.length === 0) return <p className={styles.empty}>No folders and no checkpoints in here.</p>;
  return (
    <ul className={styles.entries} data-testid="folder-entries">
      {data?.entries.map(({ name, path, kind }) => {
        const { Icon, word } = kinds[kind];
        return (
          <li key={path} className={styles.entry}>
            <button type="button" className={styles.name} onClick={() => onEnter(path)}>
              <Icon size={16} stroke={1.4} aria-hidden="true" />
              <FileText text={name} limit={60} />
              <span className={styles.kind}>{word}</span>
            </button>
            {kind !== "folder" && (
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
