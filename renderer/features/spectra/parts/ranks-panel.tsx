/** Effective rank by layer, and the definitions side by side. */
import { useMemo } from "react";
import { formatCount, formatEffectiveRank, formatNumberOf } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { EffectiveRankChart, type RankSeries } from "../../../charts/effective-rank.tsx";
import type { GlossaryName } from "../../../widgets/glossary.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { Term } from "../../../widgets/term.tsx";
import { chartNames } from "../model/chart-names.ts";
import { type DefinitionLine, definitionLine, rankNames, ranksByLayer } from "../model/ranks.ts";
import { type RankDefinition, rankDefinitions } from "../search.ts";
import styles from "../spectra.module.css";
import type { SpectraModel } from "../use-spectra.ts";

export function RanksPanel({ model }: { model: SpectraModel }) {
  const { spectra, definition, kind } = model;
  const series = useMemo<RankSeries[]>(
    () =>
      spectra.map(({ run, rows, squared, rankLimit }) => ({
        run: run.id,
        letter: run.letter,
        label: shortText(run.label, 24),
        layers: ranksByLayer(rows, definition, squared),
        limit: rankLimit,
      })),
    [spectra, definition],
  );
  const lines = useMemo(
    () =>
      spectra.map(({ run, rows, squared }) =>
        definitionLine(
          run,
          rows.filter((row) => row.kind === kind),
          squared,
        ),
      ),
    [spectra, kind],
  );
  const shown = series.filter(({ layers }) => layers.length > 0);
  return (
    <Panel
      title="Effective rank by layer"
      flush
      className={styles.ranks}
      testId="panel-ranks"
      actions={
        <span className={styles.note}>
          median and range of modules · dashed: <Term name="rank limit">rank limits</Term>
        </span>
      }
    >
      <div className={styles.rankChart}>
        {shown.length === 0 ? (
          <p className={styles.note}>No module in these layers has a defined effective rank.</p>
        ) : (
          <EffectiveRankChart
            name={chartNames.ranks}
            label={`Effective rank (${rankNames[definition].long}) by layer for ${formatNumberOf(shown.length, "run")}.`}
            caption={`effective rank of ΔW, ${rankNames[definition].short}`}
            series={shown}
          />
        )}
      </div>
      <Definitions kind={kind} lines={lines} chosen={definition} />
    </Panel>
  );
}

const terms: Record<RankDefinition, GlossaryName> = {
  entropy: "effective rank",
  entropy2: "effective rank",
  participation: "participation",
  stable: "stable rank",
  energy90: "k90",
};

interface DefinitionsProps {
  kind: string | undefined;
  lines: readonly DefinitionLine[];
  chosen: RankDefinition;
}

function Definitions({ kind, lines, chosen }: DefinitionsProps) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{kind}</th>
          {rankDefinitions.map((definition) => (
            <th key={definition} scope="col" className={styles.number}>
              <Term name={terms[definition]}>{rankNames[definition].short}</Term>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines.map(({ run, layers, medians }) => (
          <tr key={run.id} data-testid={`row-ranks-${run.letter}`}>
            <th scope="row">
              <RunBadge letter={run.letter} />{" "}
              <span className={styles.rowName}>median of {formatNumberOf(layers, "layer")}</span>
            </th>
            {rankDefinitions.map((definition) => (
              <td key={definition} className={`${styles.number} ${definition === chosen ? styles.chosen : ""}`}>
                {definitionText(definition, medians[definition])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** k90 counts directions; a median of two counts may lie between them. */
function definitionText(definition: RankDefinition, value: number | undefined): string {
  if (definition === "energy90" && value !== undefined && Number.isInteger(value)) return formatCount(value);
  return formatEffectiveRank(value);
}
