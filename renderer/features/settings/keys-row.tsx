/** The single keys and what they do; each can be given another key. */
import { Button } from "@mantine/core";
import { type KeyboardEvent, useId, useState } from "react";
import {
  type GivenKeys,
  isCommandKey,
  type KeyCommandId,
  keyClash,
  keyCommandIds,
  keyCommands,
  keyOfCommand,
} from "../../../src/contract/domain/key-commands.ts";
import { Row } from "./row.tsx";
import styles from "./settings-view.module.css";

interface KeysProps {
  given: GivenKeys;
  onChange: (given: GivenKeys) => void;
}

const scopes = [...new Set(keyCommandIds.map((command) => keyCommands[command].scope))];

export function KeysRow(props: KeysProps) {
  return (
    <Row name="Keys" note="Choose a key, then press another one. Digits, arrows and chords stay as they are.">
      {(label) => (
        <table className={styles.keys} aria-labelledby={label}>
          {scopes.map((scope) => (
            <tbody key={scope}>
              <tr>
                <th scope="rowgroup" colSpan={3}>
                  {scope}
                </th>
              </tr>
              {keyCommandIds
                .filter((command) => keyCommands[command].scope === scope)
                .map((command) => (
                  <CommandRow key={command} command={command} {...props} />
                ))}
            </tbody>
          ))}
        </table>
      )}
    </Row>
  );
}

function CommandRow({ command, given, onChange }: KeysProps & { command: KeyCommandId }) {
  const { does, keys, scope } = keyCommands[command];
  const [waits, setWaits] = useState(false);
  const [problem, setProblem] = useState<string>();
  const problemId = useId();
  const assign = (key: string) => {
    const found = problemOf(given, command, key);
    setProblem(found);
    if (found) return;
    setWaits(false);
    const { [command]: _, ...others } = given;
    onChange(key === keys ? others : { ...others, [command]: key });
  };
  const shown = keyOfCommand(given, command);
  const leave = () => {
    setWaits(false);
    setProblem(undefined);
  };
  return (
    <tr>
      <td>{does}</td>
      <td>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={waits ? `${scope}, ${does}: press a key` : `${scope}, ${does}: ${shown}`}
          aria-describedby={problem ? problemId : undefined}
          onClick={() => setWaits(true)}
          onBlur={leave}
          onKeyDown={(event) => waits && capture(event, assign, leave)}
        >
          {waits ? "Press a key" : shown}
        </Button>
      </td>
      <td>
        <span role="status" id={problemId} className={styles.problem}>
          {problem}
        </span>
        {shown !== keys && (
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={`Reset ${scope}, ${does}`}
            onBlur={leave}
            onClick={() => assign(keys)}
          >
            Reset
          </Button>
        )}
      </td>
    </tr>
  );
}

/** The pressed key is taken here, and runs nothing; Escape and Tab give up, a modifier alone is not a key yet. */
function capture(event: KeyboardEvent, assign: (key: string) => void, leave: () => void): void {
  if (event.key !== "Tab") event.preventDefault();
  if (event.key === "Tab" || event.key === "Escape") leave();
  else if (!/^(Shift|Control|Alt|AltGraph|Meta|CapsLock)$/.test(event.key)) assign(pressed(event));
}

function pressed(event: KeyboardEvent): string {
  const chord = (event.ctrlKey || event.metaKey) && !event.getModifierState("AltGraph");
  const capital = event.key.toUpperCase();
  const key = event.key === " " ? "Space" : capital.length === 1 ? capital : event.key;
  return chord ? `Ctrl+${key}` : key;
}

function problemOf(given: GivenKeys, command: KeyCommandId, key: string): string | undefined {
  if (/^\d$/.test(key)) return "Digits open the views.";
  if (!isCommandKey(key)) return `${key} is not a single letter or sign.`;
  const clash = keyClash(given, command, key);
  return clash && `${key} is “${keyCommands[clash].does}” (${keyCommands[clash].scope}).`;
}
