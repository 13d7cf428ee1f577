/** "?": the keys that work right now, and the words of the app. */
import { Modal } from "@mantine/core";
import { glossary } from "../../widgets/glossary.ts";
import { Kbd } from "../../widgets/kbd.tsx";
import { pressedFor } from "../../widgets/key-commands.ts";
import { activeScopes, type KeyScope } from "../../widgets/keyboard.ts";
import { openLayer, useLayer } from "../layers.ts";
import styles from "./help-overlay.module.css";
import { shownKeys } from "./shown-keys.ts";

export function HelpOverlay() {
  const open = useLayer() === "help";
  return (
    <Modal opened={open} onClose={() => openLayer(undefined)} title="Keys and glossary" size={860} padding={0}>
      {open && (
        <div className={styles.columns}>
          <section className={styles.column} aria-labelledby="help-keys">
            <h3 id="help-keys" className={styles.title}>
              Keys
            </h3>
            {activeScopes().map((scope) => (
              <Keys key={scope.name} scope={scope} />
            ))}
            <p className={styles.note}>
              Single keys work outside text fields; they can be changed or switched off in the settings.
            </p>
          </section>
          <section className={styles.column} aria-labelledby="help-words">
            <h3 id="help-words" className={styles.title}>
              Glossary
            </h3>
            <dl className={styles.words}>
              {Object.values(glossary).map(({ word, meaning }) => (
                <div key={word}>
                  <dt>{word}</dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        </div>
      )}
    </Modal>
  );
}

function Keys({ scope }: { scope: KeyScope }) {
  return (
    <>
      <h4 className={styles.scope}>{scope.name}</h4>
      <dl className={styles.keys}>
        {scope.bindings.map((binding) => (
          <div key={binding.keys}>
            <dt>{binding.does}</dt>
            <dd>
              <Kbd keys={shownKeys(pressedFor(binding))} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
