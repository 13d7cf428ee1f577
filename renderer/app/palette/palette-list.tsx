/** The found entries in their groups. */
import { FileText } from "../../widgets/file-text.tsx";
import { Kbd } from "../../widgets/kbd.tsx";
import { RunBadge } from "../../widgets/run-badge.tsx";
import styles from "./command-palette.module.css";
import type { PaletteEntry, ShownGroup } from "./entries.ts";

interface PaletteListProps {
  id: string;
  groups: readonly ShownGroup[];
  chosen: PaletteEntry | undefined;
  text: string;
  onChoose: (entry: PaletteEntry) => void;
}

export function PaletteList({ id, groups, chosen, text, onChoose }: PaletteListProps) {
  return (
    <div className={styles.list} id={id} role="listbox" aria-label="Found">
      {groups.map(({ group, entries }) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox
        <div key={group} role="group" aria-label={group}>
          <div className={styles.group} aria-hidden="true">
            {group}
          </div>
          {entries.map((entry) => (
            <Option
              key={entry.id}
              id={optionId(id, entry)}
              entry={entry}
              chosen={entry === chosen}
              onChoose={() => onChoose(entry)}
            />
          ))}
        </div>
      ))}
      {groups.length === 0 && (
        <p className={styles.nothing}>
          Nothing matches “<FileText text={text} limit={60} />
          ”.
        </p>
      )}
    </div>
  );
}

/** DOM id of an entry, without spaces; a recent one and its original never stand in the list together. */
export function optionId(list: string, entry: PaletteEntry | undefined): string {
  return `${list}-${entry?.id.replace(/\s/g, "_") ?? ""}`;
}

interface OptionProps {
  id: string;
  entry: PaletteEntry;
  chosen: boolean;
  onChoose: () => void;
}

function Option({ id, entry, chosen, onChoose }: OptionProps) {
  const Icon = entry.icon;
  return (
    // The field keeps the focus and answers the keys, as in every combobox.
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      className={styles.option}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
      onKeyDown={undefined}
    >
      {entry.letter && <RunBadge letter={entry.letter} />}
      {Icon && <Icon size={16} stroke={1.4} aria-hidden="true" />}
      <span className={styles.title}>{entry.title}</span>
      {entry.detail && (
        <span className={styles.detail}>
          <FileText text={entry.detail} limit={40} />
        </span>
      )}
      {entry.keys && <Kbd keys={entry.keys} />}
    </div>
  );
}
