/** Every run of a sweep as a cell: methods and seeds down, noise or examples across; fills in as runs end. */
import { useComputedColorScheme } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import type { SweepCell } from "../../../../src/contract/domain/training.ts";
import { colourAt, inkOn } from "../../../charts/colour.ts";
import { letterOf, outcomeMeanings } from "../model/outcome.ts";
import { rateText, variantText } from "../model/words.ts";
import type { Outcome } from "../search.ts";
import tablesStyles from "../tables.module.css";
import { axisText } from "./axis-rows.tsx";

interface RunsGridProps {
  cells: readonly SweepCell[];
  outcome: Outcome;
}

type Across = "noise" | "subset";

interface Row {
  key: string;
  variant: string;
  detail: string;
  cells: (SweepCell | undefined)[];
  first: boolean;
}

export function RunsGrid({ cells, outcome }: RunsGridProps) {
  const across: Across = placesOf(cells, "subset").length > placesOf(cells, "noise").length ? "subset" : "noise";
  const places = placesOf(cells, across);
  const rows = rowsOf(cells, across, places);
  const values = cells.flatMap((cell) => cell[outcome] ?? []);
  const range = { low: Math.min(...values), high: Math.max(...values) };
  return (
    <table className={tablesStyles.grid} data-testid="runs-grid">
      <thead>
        <tr>
          <td colSpan={2} />
          {places.map((place) => (
            <th key={place} scope="col">
              {across === "noise" ? axisText("noise", place) : place}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Fragment key={row.key}>
            <tr data-first={row.first || undefined}>
              <th scope="row">
                {row.first ? (
                  <span style={{ color: `var(--run-${letterOf(cells, row.variant)})` }}>
                    {variantText(row.variant)}
                  </span>
                ) : (
                  <span className="visually-hidden">{variantText(row.variant)}</span>
                )}
              </th>
              <th scope="row" className={tablesStyles.seed}>
                {row.detail}
              </th>
              {row.cells.map((cell, index) => (
                <td key={places[index]}>{cell && <Cell cell={cell} outcome={outcome} range={range} />}</td>
              ))}
            </tr>
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

/** Rows use all of their own examples where no number is set. */
const allRows = 0;

function placesOf(cells: readonly SweepCell[], across: Across): number[] {
  return [...new Set(cells.map((cell) => cell[across] ?? allRows))].sort((a, b) => a - b);
}

function rowsOf(cells: readonly SweepCell[], across: Across, places: readonly number[]): Row[] {
  const other: Across = across === "noise" ? "subset" : "noise";
  const rates = new Map<string, Set<number>>();
  for (const { variant, learningRate } of cells) {
    rates.set(variant, (rates.get(variant) ?? new Set()).add(learningRate));
  }
  const rows = new Map<string, Row>();
  for (const cell of cells) {
    const { variant, seed, learningRate } = cell;
    const several = (rates.get(variant)?.size ?? 1) > 1;
    const extra = placesOf(cells, other).length > 1 ? ` ${axisText(other, cell[other] ?? allRows)}` : "";
    const detail = `s${seed}${several ? ` ${rateText(learningRate)}` : ""}${extra}`;
    const key = `${variant} ${detail}`;
    const row = rows.get(key) ?? { key, variant, detail, first: false, cells: places.map(() => undefined) };
    row.cells[places.indexOf(cell[across] ?? allRows)] = cell;
    rows.set(key, row);
  }
  const order = [...new Set(cells.map(({ variant }) => variant))];
  const sorted = [...rows.values()].sort((a, b) => order.indexOf(a.variant) - order.indexOf(b.variant));
  return sorted.map((row, index) => ({ ...row, first: sorted[index - 1]?.variant !== row.variant }));
}

interface CellProps {
  cell: SweepCell;
  outcome: Outcome;
  range: { low: number; high: number };
}

function Cell({ cell, outcome, range }: CellProps) {
  const theme = useComputedColorScheme("light");
  const { run, sha } = cell;
  const value = cell[outcome];
  const { format } = outcomeMeanings[outcome];
  const state = run?.state ?? "waiting";
  const share = range.high > range.low ? ((value ?? 0) - range.low) / (range.high - range.low) : 0.5;
  const colour = value === null ? undefined : colourAt("sequential", theme, share);
  const text = value === null ? words(cell) : format(value).replace(" %", "");
  const content = (
    <span
      className={tablesStyles.cell}
      data-state={value === null ? state : "done"}
      data-testid={`cell-${sha.slice(0, 12)}`}
      style={colour === undefined ? undefined : { background: colour, color: inkOn(colour) }}
    >
      {text}
    </span>
  );
  const name = `${variantText(cell.variant)}, seed ${cell.seed}, noise ${axisText("noise", cell.noise)}, rate ${rateText(cell.learningRate)}: ${value === null ? `${state} ${text}` : format(value)}`;
  if (!run) return <span title={name}>{content}</span>;
  return (
    <Link
      to="/training/run/$id"
      params={{ id: run.id }}
      title={name}
      aria-label={name}
      className={tablesStyles.cellLink}
    >
      {content}
    </Link>
  );
}

function words({ run }: SweepCell): string {
  if (!run) return "";
  if (run.state === "failed") return "×";
  if (run.state === "running" || run.state === "stalled")
    return `${Math.floor((run.step / Math.max(1, run.steps ?? 1)) * 100)} %`;
  return run.state === "finished" ? "–" : "";
}
