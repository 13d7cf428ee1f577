/** Everything the palette offers right now. */
import {
  IconBrush,
  IconCommand,
  IconFolderPlus,
  IconHelp,
  IconLink,
  IconListDetails,
  IconMoon,
  IconPlayerPlay,
  IconReport,
  IconSun,
  IconUpload,
} from "@tabler/icons-react";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { useConfigure } from "../../client/configure.ts";
import { useEngine } from "../../client/engine.ts";
import { rowsQuery, runsQuery } from "../../client/queries.ts";
import { chooseRuns } from "../../features/compare/model/runs.ts";
import { useHost } from "../../host/host.ts";
import { announce } from "../../widgets/announce.ts";
import { copyText } from "../../widgets/copy-button.tsx";
import { takeBack } from "../../widgets/undo.ts";
import { openExport } from "../export-of-view.ts";
import { openLayer } from "../layers.ts";
import { useOpenDemo } from "../start.tsx";
import { views } from "../views.ts";
import type { PaletteEntry } from "./entries.ts";
import { typedWords } from "./match.ts";
import { moduleEntries, runEntries } from "./module-entries.ts";
import { presentCompare } from "./present-compare.ts";
import { useModuleActions } from "./use-module-actions.ts";

/** As many runs as one question may name. */
const mostRuns = 8;

export function usePaletteEntries(text: string): PaletteEntry[] {
  const engine = useEngine();
  const { data: runs = noRuns } = useQuery(runsQuery(engine));
  const rows = useRowsOf(runs);
  const actions = useModuleActions();
  const shown = useShownRuns(runs);
  const found = useMemo(
    () => [...moduleEntries(runs, rows, actions, shown), ...runEntries(runs, actions)],
    [runs, rows, actions, shown],
  );
  const views = useViewEntries();
  const commands = useCommands();
  const typed = useTypedCommands(text, rows);
  return useMemo(() => [...found, ...views, ...typed, ...commands], [found, views, typed, commands]);
}

const noRuns: AppRun[] = [];

/** Ids of the runs that Compare shows, or would show from here. */
function useShownRuns(runs: readonly AppRun[]): ReadonlySet<string> {
  const search = useSearch({ strict: false });
  return useMemo(() => new Set(chooseRuns(runs, presentCompare(search)).shown.map(({ id }) => id)), [runs, search]);
}

/** Rows of every run, however many there are. */
function useRowsOf(runs: readonly AppRun[]): readonly ModuleRow[] {
  const engine = useEngine();
  const ids = runs.map((run) => run.id);
  const parts = Array.from({ length: Math.ceil(ids.length / mostRuns) }, (_, part) =>
    ids.slice(part * mostRuns, (part + 1) * mostRuns),
  );
  return useQueries({ queries: parts.map((part) => rowsQuery(engine, part)), combine: allRows });
}

function allRows(answers: readonly { data?: ModuleRow[] | undefined }[]): ModuleRow[] {
  return answers.flatMap(({ data }) => data ?? []);
}

function useViewEntries(): PaletteEntry[] {
  const navigate = useNavigate();
  return useMemo(
    () =>
      views.map((view, index) => ({
        id: `view ${view.path}`,
        group: "Views",
        title: view.name,
        icon: view.icon,
        words: ["view", "go", ...view.name.toLowerCase().split(/\W+/)],
        keys: [String(index + 1)],
        weight: 0,
        run: () => navigate({ to: view.path }),
      })),
    [navigate],
  );
}

function command(
  id: string,
  title: string,
  icon: PaletteEntry["icon"],
  run: () => unknown,
  keys?: string[],
): PaletteEntry {
  const words = title.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return { id: `command ${id}`, group: "Commands", title, icon, words, keys, weight: 0, run };
}

function useCommands(): PaletteEntry[] {
  const navigate = useNavigate();
  const configure = useConfigure();
  const host = useHost();
  const { mutateAsync: openDemo } = useOpenDemo();
  return useMemo(
    () => [
      command("export", "Export this view", IconUpload, openExport, ["Ctrl", "E"]),
      command("link", "Copy link to this view", IconLink, async () => {
        if (await copyText(host.link())) announce("Link copied.");
      }),
      command("open", "Open checkpoints", IconFolderPlus, () => navigate({ to: "/library" })),
      command("evaluate", "Evaluate tasks: what was forgotten", IconPlayerPlay, () =>
        navigate({ to: "/forgetting", search: { sheet: "evaluate" } }),
      ),
      command("fine-tune", "New fine-tune", IconPlayerPlay, () => navigate({ to: "/training/new" })),
      command("sweep", "New sweep of fine-tunes", IconPlayerPlay, () =>
        navigate({ to: "/training/sweep/$id", params: { id: "new" } }),
      ),
      command("training-history", "All fine-tunes", IconListDetails, () => navigate({ to: "/training/history" })),
      command("demo", "Open the demo", IconPlayerPlay, async () => {
        await openDemo();
        await navigate({ to: "/compare" });
      }),
      command(
        "jobs",
        "Show jobs",
        IconListDetails,
        () => navigate({ to: ".", search: (previous) => ({ ...previous, jobs: "open" }) }),
        ["Ctrl", "J"],
      ),
      command("report", "Show the report", IconReport, () =>
        navigate({ to: ".", search: (previous) => ({ ...previous, report: "open" }) }),
      ),
      command("light", "Theme: light", IconSun, () => configure({ theme: "light" })),
      command("dark", "Theme: dark", IconMoon, () => configure({ theme: "dark" })),
      command("system", "Theme: as the system", IconMoon, () => configure({ theme: "system" })),
      command("undo", "Undo the last removal", IconCommand, () => takeBack(), ["Ctrl", "Z"]),
      command(
        "settings",
        "Settings",
        IconCommand,
        () => navigate({ to: "/settings/$section", params: { section: "general" } }),
        ["Ctrl", ","],
      ),
      command("help", "Keys and glossary", IconHelp, () => openLayer("help"), ["?"]),
    ],
    [navigate, configure, host, openDemo],
  );
}

/** Commands about the layer or the kind that was typed. */
function useTypedCommands(text: string, rows: readonly ModuleRow[]): PaletteEntry[] {
  const navigate = useNavigate();
  return useMemo(() => {
    const typed = typedWords(text);
    const words = [...typed, "compare", "spectra", "brush"];
    const layer = typed.map((word) => /^l?(\d{1,4})$/.exec(word)?.[1]).find((found) => found !== undefined);
    const kinds = [...new Set(rows.map((row) => row.kind))];
    const kind = kinds.find((name) => typed.some((word) => word.length > 1 && name.startsWith(word)));
    const entries: PaletteEntry[] = [];
    if (layer && rows.some((row) => row.layer === Number(layer))) {
      const layers = `${Number(layer)}-${Number(layer)}`;
      const brush = () => navigate({ to: "/compare", search: (previous) => ({ ...presentCompare(previous), layers }) });
      entries.push({ ...command("brush", `Compare: brush layer ${Number(layer)}`, IconBrush, brush), words });
    }
    if (kind) {
      const show = () => navigate({ to: "/spectra", search: { kind } });
      entries.push({ ...command("spectra", `Spectra: show ${kind}`, views[3]?.icon, show), words });
    }
    return entries;
  }, [text, rows, navigate]);
}
