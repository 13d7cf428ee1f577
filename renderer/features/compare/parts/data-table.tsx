/** The data table of the heatmap, over the view; closing it gives the keyboard back to the cell. */
import { Modal } from "@mantine/core";
import { csvOf } from "../../../../src/contract/csv.ts";
import { formatSignificant } from "../../../../src/contract/format.ts";
import type { ChartTable } from "../../../charts/chart-table.ts";
import { CopyButton } from "../../../widgets/copy-button.tsx";
import styles from "./data-table.module.css";

interface DataTableProps {
  /** Always mounted: only a dialog that was closed before it opened knows where the keyboard was. */
  opened: boolean;
  title: string;
  table: ChartTable;
  onClose: () => void;
}

export function DataTable({ opened, title, table, onClose }: DataTableProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`${title}, data`} size="auto" returnFocus>
      <div className={styles.region}>
        <table className={styles.table}>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row) => (
              <tr key={`${row[0]} ${row[1]}`}>
                {row.map((cell, index) => (
                  <td key={table.columns[index]}>
                    {typeof cell === "number" ? formatSignificant(cell) : (cell ?? "–")}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <CopyButton label="Copy as CSV" text={() => csvOf([table.columns, ...table.rows])} />
    </Modal>
  );
}
