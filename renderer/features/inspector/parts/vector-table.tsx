/** The tested vectors: rank, σ, best match with its bounds, share of ΔW, and what proves the decision. */

import { Checkbox } from "@mantine/core";
import {
  formatCosine,
  formatCount,
  formatProbability,
  formatShare,
  formatSignificant,
} from "../../../../src/contract/format.ts";
import { Mark } from "../../../charts/marks.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import { Term } from "../../../widgets/term.tsx";
import shared from "../inspector.module.css";
import { certificateOf } from "../model/sentence.ts";
import type { Tested, TestedVector } from "../model/tested.ts";
import type { Place } from "../use-place.ts";
import type { Scaling } from "../use-scaling.ts";
import styles from "./vector-table.module.css";

interface VectorTableProps {
  place: Place;
  tested: Tested;
  /** Undefined where nothing can be scaled. */
  scaling: Scaling | undefined;
  highlighted: number | undefined;
  onRank: (rank: number | undefined) => void;
}

export function VectorTable({ place, tested, scaling, highlighted, onRank }: VectorTableProps) {
  const open = tested.vectors.filter(({ intruder }) => intruder !== false);
  const all = place.search.rows === "all" || (place.search.rows === undefined && open.length === 0);
  const shown = all ? tested.vectors : open;
  const withP = place.search.p === "on";
  const largest = Math.max(...tested.vectors.map(({ share }) => share ?? 0));
  return (
    <Panel
      title={all ? `Top ${formatCount(tested.count)} vectors of W` : "Intruders"}
      flush
      className={shared.tablePanel}
      testId="panel-vectors"
      actions={
        <TableControls
          all={all}
          withP={withP}
          canShowP={tested.vectors.some(({ pValue }) => pValue !== undefined)}
          change={place.change}
        />
      }
    >
      <div className={styles.scroll}>
        <table className={styles.table} onMouseLeave={() => onRank(undefined)}>
          <Head withP={withP} withLambda={scaling !== undefined} />
          <tbody>
            {shown.map((vector) => (
              <VectorRow
                key={vector.rank}
                vector={vector}
                tested={tested}
                scaling={scaling}
                withP={withP}
                largest={largest}
                highlighted={vector.rank === highlighted}
                onRank={onRank}
              />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p className={styles.empty}>No tested vector is an intruder at these settings.</p>}
      </div>
    </Panel>
  );
}

interface TableControlsProps {
  all: boolean;
  withP: boolean;
  canShowP: boolean;
  change: Place["change"];
}

function TableControls({ all, withP, canShowP, change }: TableControlsProps) {
  return (
    <span className={shared.legend}>
      {canShowP && (
        <Checkbox label="p of this width" checked={withP} onChange={() => change({ p: withP ? undefined : "on" })} />
      )}
      <Segmented
        small
        label="Rows"
        value={all ? "all" : "intruders"}
        options={[
          { value: "intruders", label: "Intruders" },
          { value: "all", label: "All tested" },
        ]}
        onChange={(rows) => change({ rows })}
      />
    </span>
  );
}

function Head({ withP, withLambda }: { withP: boolean; withLambda: boolean }) {
  return (
    <thead>
      <tr>
        <th scope="col">Rank in W</th>
        <th scope="col" className={styles.number}>
          <Term name="singular value">σ</Term>
        </th>
        <th scope="col" className={styles.number}>
          <Term name="max cos">max |cos|</Term>
        </th>
        <th scope="col">
          <Term name="bounds">Bounds</Term>
        </th>
        <th scope="col" className={styles.number}>
          Best base vector
        </th>
        <th scope="col" className={styles.number}>
          Share of ΔW energy
        </th>
        {withP && (
          <th scope="col" className={styles.number}>
            p
          </th>
        )}
        <th scope="col">Certificate</th>
        {withLambda && (
          <th scope="col" className={styles.number}>
            Include in <Term name="lambda">λ</Term>
          </th>
        )}
      </tr>
    </thead>
  );
}

interface VectorRowProps {
  vector: TestedVector;
  tested: Tested;
  scaling: Scaling | undefined;
  withP: boolean;
  largest: number;
  highlighted: boolean;
  onRank: (rank: number | undefined) => void;
}

function VectorRow({ vector, tested, scaling, withP, largest, highlighted, onRank }: VectorRowProps) {
  const { rank, singularValue, lower, upper, intruder, bestBase, share, pValue, word } = vector;
  const letter = tested.settings.side === "left" ? "u₀" : "v₀";
  return (
    <tr
      className={highlighted ? styles.picked : undefined}
      onMouseEnter={() => onRank(rank)}
      data-testid={`row-vector-${rank}`}
      data-intruder={intruder ?? "undecided"}
      title={word}
    >
      <td>
        <VectorSign intruder={intruder} /> {rank}
      </td>
      <td className={styles.number}>{formatSignificant(singularValue)}</td>
      <td className={`${styles.number} ${intruder ? styles.intruder : ""}`}>
        {formatCosine(intruder ? upper : lower)}
      </td>
      <td className={styles.quiet}>
        {formatCosine(lower)} – {formatCosine(upper)}
      </td>
      <td className={styles.number}>{bestBase === undefined ? "–" : `${letter} ${formatCount(bestBase)}`}</td>
      <td className={styles.number}>
        {formatShare(share)} <ShareBar share={share} largest={largest} intruder={intruder === true} />
      </td>
      {withP && <td className={styles.number}>{formatProbability(pValue)}</td>}
      <td className={styles.quiet}>{certificateOf(vector, tested.decision)}</td>
      {scaling && (
        <td className={styles.tick}>
          <Checkbox
            aria-label={`Include vector ${rank} in λ`}
            checked={scaling.ranks.includes(rank)}
            onChange={() => scaling.toggle(rank)}
          />
        </td>
      )}
    </tr>
  );
}

/** Full, half or empty: the shape says what the colour repeats. */
function VectorSign({ intruder }: { intruder: boolean | undefined }) {
  const name = intruder === undefined ? "undecided" : intruder ? "intruder" : "matches the base";
  const fill = intruder === true ? "var(--intruder)" : "none";
  const stroke = intruder === false ? "var(--line-strong)" : "var(--intruder)";
  return (
    <svg width={12} height={12} role="img" aria-label={name} className={styles.sign}>
      <Mark shape="diamond" x={6} y={6} size={3} fill={fill} stroke={stroke} strokeWidth={1.2} />
      {intruder === undefined && <path d="M6 1.95L10.05 6L6 10.05Z" fill="var(--intruder)" />}
    </svg>
  );
}

function ShareBar({ share, largest, intruder }: { share: number | undefined; largest: number; intruder: boolean }) {
  const width = largest > 0 ? ((share ?? 0) / largest) * 100 : 0;
  return (
    <span className={styles.bar} aria-hidden="true">
      <i className={intruder ? styles.intruderBar : styles.plainBar} style={{ width: `${width}%` }} />
    </span>
  );
}
