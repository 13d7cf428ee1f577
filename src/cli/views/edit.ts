/** What an edit wrote, for people: where, how large, how far from what was meant, and what the arms would do. */
import type { ArmOutcome, EditDocument } from "../../contract/domain/edit.ts";
import {
  formatBytes,
  formatCount,
  formatNumberOf,
  formatSeconds,
  formatShare,
  formatSignificant,
  formatThreshold,
} from "../../contract/format.ts";
import { visibleText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { type Column, tableLines } from "../terminal/table.ts";
import { fit, wrap } from "../terminal/width.ts";
import { alertLines } from "./alerts.ts";

/** Below this a share in percent would say nothing. */
const smallShare = 1e-4;

const columns: readonly Column[] = [
  { title: "arm", align: "left" },
  { title: "λ", align: "right" },
  { title: "modules", align: "right", droppable: 2 },
  { title: "vectors", align: "right", droppable: 3 },
  { title: "‖ΔW′‖/‖W0‖", align: "right" },
  { title: "‖W′−W‖", align: "right" },
  { title: "intruders left", align: "right", droppable: 1 },
];

export function editText(document: EditDocument, width: number, style: Style): string {
  const blocks = [
    headLines(document, width, style),
    armLines(document, width, style),
    alertLines(document.alerts, width, style),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headLines({ outcome, spec }: EditDocument, width: number, style: Style): string[] {
  const bytes = outcome.files.reduce((sum, file) => sum + file.bytes, 0);
  const kind = outcome.kind === "adapter" ? "adapter" : "full checkpoint";
  const facts = [
    `${kind}, ${outcome.dtype}`,
    ...rankFact(outcome.modules),
    moduleFact(outcome, spec),
    formatBytes(bytes),
    formatSeconds(outcome.seconds),
  ];
  return [
    style.bold(fit(`Wrote ${visibleText(outcome.folder)}`, width)),
    fit(facts.join(" · "), width),
    ...wrap(errorLine(outcome), width, "  "),
  ];
}

/** Edited modules apart from those that go along as trained. */
function moduleFact({ kind, modules, edited }: EditDocument["outcome"], spec: EditDocument["spec"]): string {
  if (edited === null) {
    return formatNumberOf(modules.length, spec.edit === "average" && kind === "full" ? "tensor" : "module");
  }
  const kept = modules.length - edited;
  return formatNumberOf(edited, "edited module") + (kept > 0 ? `, ${formatCount(kept)} as trained` : "");
}

function rankFact(modules: EditDocument["outcome"]["modules"]): string[] {
  const ranks = modules.map(({ rank }) => rank).filter((rank) => rank !== null);
  if (ranks.length === 0) return [];
  const [least, most] = [Math.min(...ranks), Math.max(...ranks)];
  return [least === most ? `rank ${formatCount(least)}` : `ranks ${formatCount(least)}–${formatCount(most)}`];
}

function errorLine({ error, roundingLoss, modules }: EditDocument["outcome"]): string {
  const size = error < smallShare ? formatSignificant(error, 2) : formatShare(error);
  const shortened = modules.filter(({ predicted }) => predicted !== undefined);
  const [first, ...others] = shortened;
  if (first) {
    const worst = others.reduce((one, other) => ((other.error ?? 0) > (one.error ?? 0) ? other : one), first);
    const predicted = formatShare(worst.predicted ?? null);
    return `Read back: the factors leave out ${size} of ΔW. Most in ${visibleText(worst.module)}: ${formatShare(worst.error)}; its spectrum predicted ${predicted}.`;
  }
  const lost = roundingLoss === null ? "" : `; along ΔW itself rounding lost ${formatShare(roundingLoss)}`;
  return `Read back: differs from what was meant by ${size} of its norm${lost}.`;
}

function armLines({ arms, spec }: EditDocument, width: number, style: Style): string[] {
  const [first] = arms;
  if (!first || spec.edit !== "intervene") return [];
  const lines = tableLines(columns, arms.map(armCells), width);
  const shown = lines.map((line, index) => {
    if (index === 0) return style.dim(line);
    return arms[index - 1]?.arm === spec.intervention.arm ? style.bold(line) : line;
  });
  return [...shown, ...wrap(scopeLine(first), width).map(style.dim)];
}

/** `analyze` has the same ratio over every module that counts. */
function scopeLine({ modules }: ArmOutcome): string {
  const scope = modules === 1 ? "the module that holds" : `the ${formatCount(modules)} modules that hold`;
  return `All figures over ${scope} chosen vectors; analyze of what was written gives them over the whole run.`;
}

function armCells({ arm, lambda, modules, vectors, relative, step, intruders }: ArmOutcome): string[] {
  return [
    arm,
    formatThreshold(lambda),
    formatCount(modules),
    formatCount(vectors),
    formatShare(relative),
    formatSignificant(step, 3),
    intruders === null ? "–" : formatCount(intruders),
  ];
}
