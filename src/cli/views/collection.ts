/** What became of the parts of an analysis, in a few lines; the analysis itself follows them. */
import type { CollectDocument } from "../../contract/domain/part.ts";
import { formatNumberOf, formatRanges } from "../../contract/format.ts";
import { shortText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { wrap } from "../terminal/width.ts";

/** Names said of a list; the document holds all. */
const namesSaid = 3;

export function collectionText(document: CollectDocument, width: number, style: Style): string {
  const gaps = gapLines(document).flatMap((line) => wrap(line, width, "  "));
  const lines = [...wrap(takenLine(document), width, "  "), ...gaps.map((line) => style.warn(line))];
  return `${lines.join("\n")}\n`;
}

function takenLine({ parts, added, duplicates }: CollectDocument): string {
  const taken = parts.filter(({ error }) => error === null).length;
  const facts = [
    `Collected ${taken} of ${formatNumberOf(parts.length, "part")}: ${formatNumberOf(added, "module")} added`,
    duplicates.stored > 0 ? `${duplicates.stored} known already` : "",
    duplicates.equal > 0 ? `${duplicates.equal} brought again with the same numbers` : "",
    duplicates.different.length > 0 ? `${duplicates.different.length} contradicted` : "",
  ];
  return `${facts.filter(Boolean).join(", ")}.`;
}

function gapLines({ gaps }: CollectDocument): string[] {
  const [first] = gaps.shards;
  const word = gaps.shards.length === 1 ? "shard" : "shards";
  const shards = first
    ? [`Missing: ${word} ${formatRanges(gaps.shards.map(({ index }) => index))} of ${first.count}.`]
    : [];
  return [
    ...shards,
    ...gaps.modules.map(({ run, modules }) => missingLine(run, modules, "module")),
    ...gaps.vectors.map(({ run, vectors }) => missingLine(run, vectors, "norm or bias", "norms and biases")),
  ];
}

function missingLine(run: string, names: readonly string[], singular: string, plural?: string): string {
  const said = names.slice(0, namesSaid).map((name) => shortText(name));
  const more = names.length > namesSaid ? " and others" : "";
  return `${shortText(run)} lacks ${formatNumberOf(names.length, singular, plural)}: ${said.join(", ")}${more}.`;
}
