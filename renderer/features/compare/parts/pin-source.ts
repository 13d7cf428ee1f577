/** What "Add to report" keeps of Compare: the verdict with the first rows in sight, or one chart. */

import type { Finding } from "../../../../src/contract/domain/finding.ts";
import { type Pin, pinnedRows } from "../../../../src/contract/domain/pin.ts";
import { formatCount, formatThreshold } from "../../../../src/contract/format.ts";
import type { PinSource } from "../../../charts/pin-group.ts";
import type { CompareModel } from "../compare-model.ts";
import { type FindingsQuestion, findingsQuestion, verdict } from "../model/findings.ts";
import { isUnfinished } from "../model/runs.ts";
import { columns } from "../model/table-rows.ts";
import { rowsInSight } from "./exports.ts";

type Ask = (question: FindingsQuestion) => Promise<readonly Finding[]>;

/** @param ask for the findings over what is in sight */
export function pinSource(compare: CompareModel, ask: Ask): PinSource {
  const charts = [
    { name: "heatmap", title: "Heatmap" },
    { name: "layer-profile", title: "Layer profile" },
    ...(compare.selected ? [{ name: "delta-spectra", title: "Singular values of ΔW" }] : []),
  ];
  return {
    view: "compare",
    title: `Compare ${compare.runs.map(({ letter }) => letter).join(", ")}`,
    runs: compare.runs.map(({ id }) => id),
    words: {
      label: "Findings and rows",
      read: async () => ({ ...(await sentences(compare, ask)), table: table(compare) }),
    },
    charts: compare.search.as === "table" ? [] : charts,
  };
}

async function sentences(compare: CompareModel, ask: Ask): Promise<Pick<Pin, "sentences">> {
  const { k, epsilon, side } = compare.settings;
  const found = verdict(await ask(findingsQuestion(compare))).map(({ text }) => text);
  const asked = `Tested with k ${formatCount(k)}, ε ${formatThreshold(epsilon)}, ${side} vectors.`;
  const unfinished = compare.runs.filter(isUnfinished).map(({ letter }) => letter);
  const partly = unfinished.length > 0 ? [`Not all modules of ${unfinished.join(", ")} were computed then.`] : [];
  return { sentences: [...found, asked, ...partly] };
}

function table(compare: CompareModel): Pin["table"] {
  const shown = columns.filter(({ optional }) => !optional);
  const rows = rowsInSight(compare).slice(0, pinnedRows);
  return {
    columns: shown.map(({ label }) => label),
    rows: rows.map((row) =>
      shown.map((column) => (column.id === "run" ? `${row.run.letter} ${row.run.label}` : column.text(row))),
    ),
  };
}
