/** docs/benchmarks.md: one section for each part, written together or one by one. */
import { machineName } from "./machine.ts";
import type { Part } from "./options.ts";

const TITLES: Record<Part, string> = { analysis: "Analysis", scoring: "Scoring", theory: "Theory" };

/** Cores that others may use before the figures stop meaning anything. */
const QUIET_CORES = 0.1;

function othersLine(others: number | undefined): string {
  if (others === undefined) return "not known";
  const busy = `${others.toFixed(2)} cores busy on average`;
  return others <= QUIET_CORES
    ? busy
    : `${busy}; **the machine was not quiet, so neither times nor ratios are to be trusted**`;
}

export interface SectionFacts {
  readonly command: string;
  readonly version: string;
  readonly threads: number;
  /** Cores that other programs kept busy. */
  readonly others: number | undefined;
  /** Further lines of the list, such as what the reference is. */
  readonly lines: readonly string[];
}

/** When and where a section was measured. */
export function factLines({ command, version, threads, others, lines }: SectionFacts): string {
  return [
    `Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)}.`,
    "",
    `- machine: ${machineName()}`,
    `- versions: DeltaScope ${version}, Node ${process.versions.node}`,
    `- other programs meanwhile: ${othersLine(others)}`,
    `- threads: ${threads}, of the product and of the reference`,
    ...lines.map((line) => `- ${line}`),
  ].join("\n");
}

/** The document with fresh sections in the place of old ones; the other sections stay as they are. */
export function mergeSections(document: string, fresh: ReadonlyMap<Part, string>): string {
  const sections = (Object.keys(TITLES) as Part[]).flatMap((part) => {
    const text = fresh.get(part) ?? sectionOf(document, part);
    return text === undefined ? [] : [`## ${TITLES[part]}\n\n${text.trim()}\n`];
  });
  return `# Benchmarks\n\n${sections.join("\n")}`;
}

function sectionOf(document: string, part: Part): string | undefined {
  const [, text] = document.split(`\n## ${TITLES[part]}\n`);
  return text?.split("\n## ")[0];
}
