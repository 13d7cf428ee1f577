/** What can be taken away from the Theory lab: numbers, charts, documents, the command. */
import { shellWord } from "../../../src/contract/command-line.ts";
import { formatSignificant } from "../../../src/contract/format.ts";
import { chartGroup, csvFile } from "../../charts/chart-exports.ts";
import { useChartShelf } from "../../charts/chart-shelf.tsx";
import { type PinSource, usePinGroup } from "../../charts/pin-group.ts";
import { useHost } from "../../host/host.ts";
import { announce } from "../../widgets/announce.ts";
import { copyText } from "../../widgets/copy-button.tsx";
import type { ExportGroup } from "../../widgets/export-menu.tsx";
import { isInfinite } from "./model/setting.ts";
import { answerOf, cautionsOf, riskRows } from "./model/words.ts";
import { chartNames } from "./parts/charts.tsx";
import { figureChart } from "./parts/figure-panel.tsx";
import type { FigureModel } from "./use-figure.ts";
import type { TheoryModel } from "./use-theory.ts";

export function useTheoryExports(model: TheoryModel, figure: FigureModel | undefined): () => ExportGroup[] {
  const host = useHost();
  const shelf = useChartShelf();
  const pinGroup = usePinGroup();
  const save = (name: string, content: Blob) => host.save(name, content);
  const copy = async (text: string) => announce((await copyText(text)) ? "Copied." : "Not copied.");
  return () => {
    const { risk, advice, search } = model;
    const document = figure?.event?.document;
    if (search.show !== undefined) {
      if (!document) return [];
      return [
        {
          label: "This figure",
          items: [
            {
              label: "Figure as JSON",
              onSelect: () => save(`theory-figure-${document.name}.json`, jsonFile(document)),
            },
            {
              label: "Copy as command",
              onSelect: () =>
                copy(
                  `deltascope theory figure ${document.name} --replicates ${document.replicates} --seed ${document.seed}`,
                ),
            },
          ],
        },
        chartGroup(figureChart, document.title, shelf, save),
      ];
    }
    return [
      {
        label: "This view",
        items: [
          {
            label: "Risk by rank as CSV",
            disabled: !risk,
            onSelect: () => save("theory-risk.csv", csvFile(riskTable(model))),
          },
          { label: "Risk as JSON", disabled: !risk, onSelect: () => save("theory-risk.json", jsonFile(risk)) },
          { label: "Advice as JSON", disabled: !advice, onSelect: () => save("theory-advice.json", jsonFile(advice)) },
          { label: "Copy as command", disabled: isInfinite(model.setting), onSelect: () => copy(commandOf(model)) },
        ],
      },
      ...(risk ? [pinGroup(pinSource(model))] : []),
      chartGroup(chartNames.samples, "Risk against sample size", shelf, save),
      ...(risk
        ? [
            chartGroup(chartNames.rank, "Risk against rank", shelf, save),
            chartGroup(chartNames.noise, "Risk against noise", shelf, save),
          ]
        : []),
    ];
  };
}

function jsonFile(value: unknown): Blob {
  return new Blob([JSON.stringify(value, null, 2)], { type: "application/json" });
}

function riskTable({ risk }: TheoryModel) {
  return [
    ["rank", "risk", "bias", "variance", "lower_bound"],
    ...(risk?.curve ?? []).map(({ r, risk: value, bias, variance }, index) => [
      ...[r, value, bias, variance],
      risk?.lowerBound[index] ?? null,
    ]),
  ];
}

/** The command takes the same spectrum by its law, or from a file where it was measured. */
function commandOf({ setting, spectrum, feed }: TheoryModel): string {
  const { n, d, k, r, decay, noise, ranks, seeds } = setting;
  const sizes = ["--k", k, "--d", d, "--n", n, "--sigma", noise, "--ranks", ranks.join(",")];
  const words = ["deltascope", "theory", "risk", ...sizes.map(String)];
  if (seeds > 0) words.push("--simulate", String(seeds));
  if (feed || r < Math.min(k, d)) return `${spectrumFile(spectrum)} ${words.join(" ")} --spectrum /dev/stdin`;
  return [...words, "--delta", `pow:${decay}:${spectrum[0]}`].join(" ");
}

function spectrumFile(spectrum: readonly number[]): string {
  return `printf %s ${shellWord(JSON.stringify(spectrum))} |`;
}

function pinSource(model: TheoryModel): PinSource {
  const { setting, risk, feed } = model;
  return {
    view: "theory",
    title: `Theory lab n ${setting.n}, σ ${setting.noise}`,
    runs: feed?.run ? [feed.run.id] : [],
    words: {
      label: "Advice",
      read: () => {
        if (!risk) return { sentences: [], table: null };
        const { place, strong, rest } = answerOf(setting, risk);
        const rows = riskRows(risk, setting).map(({ name, bias, variance, risk: value, estimated }) => [
          name,
          formatSignificant(bias),
          formatSignificant(variance),
          `${estimated ? "≈ " : ""}${formatSignificant(value)}`,
        ]);
        const fed = feed?.run && { label: feed.run.label, adapter: feed.run.kind === "adapter" };
        return {
          sentences: [`${place}${strong}${rest}`, ...cautionsOf(setting, fed)],
          table: { columns: ["Method", "Bias", "Variance", "Risk"], rows },
        };
      },
    },
    charts: [
      { name: chartNames.samples, title: "Risk against sample size" },
      { name: chartNames.rank, title: "Risk against rank" },
      { name: chartNames.noise, title: "Risk against noise" },
    ],
  };
}
