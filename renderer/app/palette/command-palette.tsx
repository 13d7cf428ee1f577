/** Ctrl K: modules, runs, views and commands, as one field and one list. */
import { Modal } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { Kbd } from "../../widgets/kbd.tsx";
import { openLayer, useLayer } from "../layers.ts";
import styles from "./command-palette.module.css";
import { type PaletteEntry, search } from "./entries.ts";
import { optionId, PaletteList } from "./palette-list.tsx";
import { recentChoices, rememberChoice } from "./recent.ts";
import { usePaletteEntries } from "./use-entries.ts";

export function CommandPalette() {
  const open = useLayer() === "palette";
  return (
    <Modal.Root opened={open} onClose={() => openLayer(undefined)} yOffset={72} size={560} padding={0}>
      <Modal.Overlay />
      <Modal.Content aria-label="Find a module, run or command">{open && <PaletteBody />}</Modal.Content>
    </Modal.Root>
  );
}

/** The dialog gives the focus back within these milliseconds; what runs may then move it. */
const focusReturn = 20;

function PaletteBody() {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const recent = useRef(recentChoices());
  const entries = usePaletteEntries(text);
  const groups = useMemo(() => search(entries, text, recent.current), [entries, text]);
  const flat = groups.flatMap((group) => group.entries);
  const chosen = flat[Math.min(at, flat.length - 1)];
  useEffect(() => {
    document.getElementById(optionId(list, chosen))?.scrollIntoView({ block: "nearest" });
  }, [list, chosen]);

  function choose(entry: PaletteEntry | undefined) {
    if (!entry) return;
    rememberChoice(entry.id);
    openLayer(undefined);
    setTimeout(() => void entry.run(), focusReturn);
  }

  function onKeyDown(event: KeyboardEvent) {
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (next !== undefined) setAt((next + flat.length) % Math.max(1, flat.length));
    else if (event.key === "Enter") choose(chosen);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <div className={styles.field}>
        <IconSearch size={16} stroke={1.4} aria-hidden="true" />
        <input
          data-autofocus
          className={styles.input}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          placeholder="l3 down, a run, a view, a command"
          role="combobox"
          aria-label="Find a module, run or command"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={chosen && optionId(list, chosen)}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
        />
        <Kbd keys="Esc" />
      </div>
      <PaletteList id={list} groups={groups} chosen={chosen} text={text} onChoose={choose} />
    </>
  );
}
