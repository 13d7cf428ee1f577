/** Rank correlation of forgetting with what could cause it, over all runs of the workspace. */
import type { AuditDocument, Confound } from "../../../../src/contract/domain/audit.ts";
import { formatCosine, formatCount, formatProbability, undefinedQuantity } from "../../../../src/contract/format.ts";
import { FindingSentence } from "../../../widgets/finding-sentence.tsx";
import type { GlossaryName } from "../../../widgets/glossary.ts";
import { Term } from "../../../widgets/term.tsx";
import styles from "../forgetting.module.css";
import table from "../small-table.module.css";

const properties: Record<Confound["property"], { name: string; term: GlossaryName; given: string }> = {
  intruders: { name: "Intruder count", term: "intruder", given: "given ‖ΔW‖" },
  intruderEnergy: { name: "Intruder energy", term: "intruder energy", given: "given ‖ΔW‖" },
  deltaFrobenius: { name: "‖ΔW‖", term: "delta", given: "given the intruder count" },
};

export function ConfoundsBody({ document: { confounds, findings } }: { document: AuditDocument }) {
  const words = findings.find(({ id }) => id === "confounds");
  if (confounds.length === 0) {
    return <p className={styles.note}>Correlations need at least three measured runs of one base.</p>;
  }
  return (
    <>
      <table className={table.plain}>
        <caption className="visually-hidden">Rank correlation of forgetting with properties of ΔW</caption>
        <thead>
          <tr>
            <th scope="col">Forgetting against</th>
            <th scope="col" className={table.number}>
              Spearman
            </th>
            <th scope="col" className={table.number}>
              Partial
            </th>
            <th scope="col" className={table.number}>
              p
            </th>
            <th scope="col" className={table.number}>
              n
            </th>
          </tr>
        </thead>
        <tbody>
          {confounds.map(({ property, spearman, partial, n, pValue }) => (
            <tr key={property} data-testid={`confound-${property}`}>
              <th scope="row">
                <Term name={properties[property].term}>{properties[property].name}</Term>
              </th>
              <td className={table.number}>{correlation(spearman)}</td>
              <td className={table.number} title={properties[property].given}>
                {correlation(partial)}
              </td>
              <td className={table.number}>{formatProbability(pValue)}</td>
              <td className={table.number}>{formatCount(n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {words && (
        <p className={styles.words} data-testid="finding-confounds">
          <FindingSentence finding={words} runs={[]} />
        </p>
      )}
      <p className={styles.note}>
        Over all runs of this workspace that have both. Partial: with the size of the update held fixed (for ‖ΔW‖: with
        the intruder count). Few runs, and runs of one recipe, cannot tell which of them causes the forgetting.
      </p>
    </>
  );
}

function correlation(value: number | null): string {
  return value === null ? undefinedQuantity : formatCosine(value);
}
