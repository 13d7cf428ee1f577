/** One plain sentence about the selected module, beside what a random direction of this width would reach. */
import { formatCosine, formatTwoDecimals } from "../../../../src/contract/format.ts";
import { randomDirectionOf } from "../../../../src/contract/random-direction.ts";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { Term } from "../../../widgets/term.tsx";
import type { CompareModel } from "../compare-model.ts";
import { type IntruderFact, intruderFact } from "../model/fact.ts";
import styles from "./dock-fact.module.css";
import { mainModule, type SelectedModule } from "./use-selected-modules.ts";

export function DockFact({ compare, modules }: { compare: CompareModel; modules: readonly SelectedModule[] }) {
  const main = mainModule(compare, modules);
  const fact = main?.row && intruderFact(main.row, compare.settings);
  if (!main?.row || !fact) return null;
  const random = formatTwoDecimals(randomDirectionOf(main.row.shape, compare.settings.side));
  return (
    <div className={fact.ranks.length > 0 ? styles.found : styles.none}>
      <b className={styles.head}>
        <RunBadge letter={main.run.letter} /> {headline(fact)}
      </b>
      {body(fact)} A <Term name="random direction">random direction</Term> of this width would reach about {random}.
    </div>
  );
}

function headline({ ranks, tested, undecided }: IntruderFact): string {
  if (ranks.length === 1) return "1 new direction";
  if (ranks.length > 1) return `${ranks.length} new directions`;
  return undecided > 0 ? `No proven intruder in the top ${tested}` : `No intruder in the top ${tested}`;
}

function body({ ranks, lowest, highest, tested, least, undecided }: IntruderFact): string {
  const open = undecided > 0 ? ` ${undecided} undecided: bounds lie on both sides of ε.` : "";
  if (ranks.length === 0)
    return `Every tested vector has a match of at least ${formatCosine(least)} in the base.${open}`;
  const range = lowest === highest ? formatCosine(lowest) : `${formatCosine(lowest)}–${formatCosine(highest)}`;
  const pronoun = ranks.length === 1 ? "Its best match in the base is" : "Their best matches in the base are";
  return `Rank ${listed(ranks)} of the top ${tested} in W. ${pronoun} ${range}.${open}`;
}

function listed(ranks: readonly number[]): string {
  if (ranks.length === 1) return String(ranks[0]);
  return `${ranks.slice(0, -1).join(", ")} and ${ranks.at(-1)}`;
}
