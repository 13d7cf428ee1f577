/** Presets to start from, and what differs from the chosen one. */
import { Button, Popover } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Preset } from "../../../../src/contract/domain/training.ts";
import { formatNumberOf } from "../../../../src/contract/format.ts";
import { useEngine } from "../../../client/engine.ts";
import { presetsQuery } from "../../../client/training-queries.ts";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import { valueAt, withValue } from "../model/recipe.ts";
import { presetFacts } from "../model/words.ts";
import formStyles from "../recipe.module.css";
import tablesStyles from "../tables.module.css";
import styles from "../training.module.css";
import type { DraftModel } from "../use-draft.ts";

/** Cards in sight; the others are one click away. */
const fewPresets = 3;

/** Facts that a preset leaves to the user stay when another one is chosen. */
const keptFields = ["base", "data.files", "eval.tasks"];

export function PresetCards({ model }: { model: DraftModel }) {
  const engine = useEngine();
  const [all, setAll] = useState(false);
  const { data, error } = useQuery(presetsQuery(engine));
  const chosen = model.draft.preset;
  if (error) return <ErrorCard error={toErrorDocument(error)} />;
  if (!data) return <Placeholder height={62} />;
  const ordered = shownFirst(data, typeof chosen === "string" ? chosen : undefined);
  const choose = (name: string) =>
    model.replace(
      keptFields.reduce(
        (next, field) => withValue(next, field, valueAt(model.draft, field)),
        withValue({}, "preset", name),
      ),
    );
  return (
    <>
      <div className={formStyles.sectionHead}>
        <h3>Preset</h3>
        {data.length > fewPresets && (
          <button type="button" className={styles.link} onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? "fewer" : `${data.length - fewPresets} more`}
          </button>
        )}
      </div>
      <div className={formStyles.presets} role="radiogroup" aria-label="Preset">
        {(all ? ordered : ordered.slice(0, fewPresets)).map(({ name, title, description, values }) => (
          <label key={name} className={formStyles.preset} data-testid={`preset-${name}`} title={description}>
            <input
              type="radio"
              name="preset"
              className="visually-hidden"
              checked={name === chosen}
              onChange={() => choose(name)}
            />
            <b>
              <FileText text={title} limit={60} />
            </b>
            <span className={formStyles.presetText}>
              <FileText text={presetFacts(values) || description} limit={120} />
            </span>
          </label>
        ))}
      </div>
    </>
  );
}

/** The demo and general ones before those of papers; the chosen one is always in sight. */
function shownFirst(presets: readonly Preset[], chosen: string | undefined): Preset[] {
  const usual = ["quick-demo", "practitioner-lora", "paper-boolq"];
  const place = ({ name }: Preset) => {
    const known = usual.indexOf(name);
    if (known >= 0) return known;
    return name === chosen ? 1.5 : usual.length;
  };
  return [...presets].sort((a, b) => place(a) - place(b));
}

/** "2 values differ from the preset · show" */
export function Differences({ model }: { model: DraftModel }) {
  const engine = useEngine();
  const { data: presets } = useQuery(presetsQuery(engine));
  const { resolution } = model;
  const values = presets?.find(({ name }) => name === resolution?.preset)?.values;
  if (!resolution?.preset) return null;
  const { differs } = resolution;
  const sentence = `${formatNumberOf(differs.length, "value differs", "values differ")} from the preset`;
  if (differs.length === 0) return <span className={styles.note}>as the preset</span>;
  return (
    <span className={styles.note}>
      {sentence} ·{" "}
      <Popover position="bottom-end" width={320} trapFocus>
        <Popover.Target>
          <button type="button" className={styles.link}>
            show
          </button>
        </Popover.Target>
        <Popover.Dropdown>
          <table className={tablesStyles.differences}>
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Preset</th>
                <th scope="col">Here</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {differs.map((field) => (
                <tr key={field}>
                  <th scope="row">{field}</th>
                  <td>{short(valueAt(values, field))}</td>
                  <td>{short(model.valueOf(field))}</td>
                  <td>
                    <Button
                      size="xs"
                      variant="subtle"
                      onClick={() => model.set(field, undefined)}
                      aria-label={`Take ${field} back`}
                    >
                      Back
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Popover.Dropdown>
      </Popover>
    </span>
  );
}

function short(value: unknown) {
  if (value === undefined || value === null) return "–";
  return <FileText text={typeof value === "object" ? JSON.stringify(value) : String(value)} limit={28} />;
}
