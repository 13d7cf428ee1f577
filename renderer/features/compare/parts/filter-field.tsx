/** The filter line with completions; what is typed is applied after a short pause. */
import { Combobox, TextInput, useCombobox } from "@mantine/core";
import { IconFilter, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { commandKey } from "../../../widgets/key-commands.ts";
import { useKeys } from "../../../widgets/keyboard.ts";
import { useTypedText } from "../../../widgets/use-typed-text.ts";
import type { CompareModel } from "../compare-model.ts";
import { completions } from "../filter/complete.ts";
import styles from "./filter-field.module.css";

export function FilterField({ compare }: { compare: CompareModel }) {
  const { search, update, runs, kinds, grid } = compare;
  const [text, setText] = useTypedText(search.q ?? "", (q) => update({ q: q === "" ? undefined : q }, true));
  const [cursor, setCursor] = useState(text.length);
  const input = useRef<HTMLInputElement>(null);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const vocabulary = useMemo(() => ({ kinds, runs, layers: grid.layers.length }), [kinds, runs, grid.layers.length]);
  const offered = completions(text, cursor, vocabulary);
  useKeys("Filter", [{ ...commandKey("filter"), run: () => input.current?.focus() }]);
  const choose = (value: string) => {
    const chosen = offered.find(({ label }) => label === value);
    if (chosen) {
      setText(chosen.text);
      setCursor(chosen.text.length);
    }
    combobox.resetSelectedOption();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    if (combobox.dropdownOpened) combobox.closeDropdown();
    else input.current?.blur();
    event.stopPropagation();
  };
  return (
    <Combobox store={combobox} onOptionSubmit={choose} withinPortal>
      <Combobox.Target>
        <TextInput
          ref={input}
          className={styles.field}
          classNames={{ input: "mono" }}
          aria-label="Filter of modules"
          placeholder="layer:24-35 intruders>0 or change>4%"
          maxLength={500}
          value={text}
          leftSection={<IconFilter size={14} stroke={1.4} aria-hidden="true" />}
          rightSection={
            text !== "" && (
              <IconButton label="Clear the filter" size={22} onClick={() => setText("")}>
                <IconX size={12} stroke={1.6} aria-hidden="true" />
              </IconButton>
            )
          }
          onChange={(event) => {
            setText(event.currentTarget.value);
            setCursor(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
            combobox.openDropdown();
          }}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
          onClick={() => combobox.openDropdown()}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={onKeyDown}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={offered.length === 0}>
        <Combobox.Options>
          {offered.map(({ label, hint }) => (
            <Combobox.Option key={label} value={label} className={styles.option}>
              <span className="mono">{label}</span>
              <span className={styles.hint}>{hint}</span>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
