/** "Add to report": entries of an export menu that keep what is on screen for the report. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { longestPicture, type Pin, type PinDraft } from "../../src/contract/domain/pin.ts";
import { useEngine } from "../client/engine.ts";
import { pinsQuery } from "../client/queries.ts";
import type { ExportGroup, ExportItem } from "../widgets/export-menu.tsx";
import { offerUndo } from "../widgets/undo.ts";
import { useChartShelf } from "./chart-shelf.tsx";
import { svgOf } from "./export-chart.ts";

type Words = Pick<PinDraft, "sentences" | "table">;

export interface PinSource {
  view: PinDraft["view"];
  /** "Compare", "Inspector, run B layer 31 down_proj": the pin's title begins with it. */
  title: string;
  /** Runs on screen, by the ids of addresses. */
  runs: readonly string[];
  /** What the view says in words and rows, under this entry. */
  words: { label: string; read: () => Words | Promise<Words> };
  charts: readonly { name: string; title: string }[];
}

/** The group for one view; everything is read when an entry is chosen. */
export function usePinGroup(): (source: PinSource) => ExportGroup {
  const shelf = useChartShelf();
  const keep = useKeepPin();
  const open = useOpenReport();
  const address = useAddress();
  return ({ view, title, runs, words, charts }) => {
    const place = { view, runs: [...runs] };
    const nothing: Words = { sentences: [], table: null };
    const entry = (
      label: string,
      content: () => Promise<Pick<PinDraft, "sentences" | "table" | "picture">>,
    ): ExportItem => ({
      label,
      onSelect: async () => keep({ ...place, title: `${title}: ${label}`, address: address(), ...(await content()) }),
    });
    return {
      label: "Add to report",
      items: [
        entry(words.label, async () => ({ ...(await words.read()), picture: null })),
        ...charts.map((chart) =>
          entry(chart.title, async () => ({ ...nothing, picture: pictureOf(chart, shelf?.charts() ?? []) })),
        ),
        { label: "Show the report", onSelect: open },
      ],
    };
  };
}

function pictureOf(
  { name, title }: { name: string; title: string },
  charts: readonly { name: string; element: Element }[],
) {
  const chart = charts.find((candidate) => candidate.name === name);
  if (!chart) throw new Error(`The chart “${title}” is not on screen.`);
  const picture = svgOf(chart.element);
  if (picture.length > longestPicture) throw new Error(`The drawing of “${title}” is too large for a report.`);
  return picture;
}

function useKeepPin(): (draft: PinDraft) => Promise<void> {
  const engine = useEngine();
  const queries = useQueryClient();
  const { queryKey } = pinsQuery(engine);
  return async (draft) => {
    const pins = await engine.report.pins.add(draft);
    queries.setQueryData<Pin[]>(queryKey, pins);
    const added = pins.at(-1);
    offerUndo(`Added “${draft.title}” to the report.`, async () => {
      if (added) queries.setQueryData(queryKey, await engine.report.pins.remove({ pins: [added.id] }));
    });
  };
}

function useOpenReport(): () => unknown {
  const navigate = useNavigate();
  return () =>
    navigate({ to: ".", search: (previous: object) => ({ ...previous, jobs: undefined, report: "open" }) } as never);
}

/** The address of what is on screen, without the drawers over it. */
function useAddress(): () => string {
  const router = useRouter();
  return () => {
    const { pathname, search, searchStr } = router.state.location;
    const parameters = new URLSearchParams(searchStr);
    for (const drawer of ["jobs", "report"]) if (drawer in (search as object)) parameters.delete(drawer);
    const text = parameters.toString();
    return text === "" ? pathname : `${pathname}?${text}`;
  };
}
