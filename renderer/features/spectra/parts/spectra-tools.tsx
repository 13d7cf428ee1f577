/** Kind, layers, definition and axis of what is shown, with the key to the colours. */
import { Select, useComputedColorScheme } from "@mantine/core";
import { visibleText } from "../../../../src/contract/text.ts";
import { gradientStops } from "../../../charts/colour.ts";
import { Segmented } from "../../../widgets/segmented.tsx";
import { Term } from "../../../widgets/term.tsx";
import { layerChoices } from "../model/choice.ts";
import { rankNames } from "../model/ranks.ts";
import { rankDefinitions } from "../search.ts";
import styles from "../spectra.module.css";
import type { SpectraModel } from "../use-spectra.ts";

export function SpectraTools({ model }: { model: SpectraModel }) {
  const { search, change, kinds, kind, layers, definition } = model;
  const choices = layerChoices(layers);
  const asked = search.layers ?? "";
  const known = choices.some(({ value }) => value === asked);
  return (
    <div className={styles.tools}>
      <span className={styles.toolName}>Kind</span>
      <Select
        aria-label="Kind"
        className={styles.kindSelect}
        data={kinds.map((value) => ({ value, label: visibleText(value) }))}
        value={kind ?? null}
        allowDeselect={false}
        onChange={(value) => value !== null && change({ kind: value })}
      />
      <span className={styles.toolName}>Layers</span>
      <Select
        aria-label="Layers"
        className={styles.layerSelect}
        data={known ? choices : [...choices, { value: asked, label: asked.replace("-", "–") }]}
        value={asked}
        allowDeselect={false}
        onChange={(value) => change({ layers: value === "" || value === null ? undefined : value })}
      />
      <span className={styles.toolName}>
        <Term name="effective rank">Effective rank</Term>
      </span>
      <Select
        aria-label="Definition of effective rank"
        className={styles.rankSelect}
        data={rankDefinitions.map((value) => ({ value, label: rankNames[value].long }))}
        value={definition}
        allowDeselect={false}
        onChange={(value) => change({ rank: rankDefinitions.find((candidate) => candidate === value) })}
      />
      <Segmented
        small
        label="Horizontal axis"
        value={search.x ?? "k"}
        options={[
          { value: "k", label: "k", title: "number of directions" },
          { value: "share", label: "share", title: "share of all directions" },
        ]}
        onChange={(x) => change({ x: x === "k" ? undefined : x })}
      />
      <span className={styles.gap} />
      <DepthKey />
    </div>
  );
}

function DepthKey() {
  const theme = useComputedColorScheme("light");
  const gradient = gradientStops("sequential", theme).map(({ offset, colour }) => `${colour} ${offset * 100}%`);
  return (
    <span className={styles.depthKey}>
      <Term name="energy" /> by layer: first
      <i style={{ background: `linear-gradient(to right, ${gradient.join(", ")})` }} />
      last
    </span>
  );
}
