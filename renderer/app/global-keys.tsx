/** The keys that work everywhere, and the one listener of the page. */
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { commandKey } from "../widgets/key-commands.ts";
import { answerKey, type KeyBinding, useKeys } from "../widgets/keyboard.ts";
import { takeBack } from "../widgets/undo.ts";
import { openExport } from "./export-of-view.ts";
import { lastAddress } from "./last-addresses.ts";
import { openLayer } from "./layers.ts";
import { focusNextRegion } from "./regions.ts";
import { views } from "./views.ts";

export function GlobalKeys() {
  useKeys("Everywhere", useGlobalBindings());
  useEffect(() => {
    const listener = (event: KeyboardEvent) => void answerKey(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
  return null;
}

function useGlobalBindings(): KeyBinding[] {
  const navigate = useNavigate();
  const router = useRouter();
  const toggleJobs = () =>
    navigate({ to: ".", search: (previous) => ({ ...previous, jobs: previous.jobs ? undefined : "open" }) });
  const settings = () => navigate({ to: "/settings/$section", params: { section: "general" } });
  return [
    { keys: "Ctrl+K", does: "Find a module, run or command", inInputs: true, run: () => openLayer("palette") },
    ...views.map((view, index) => ({
      keys: String(index + 1),
      does: view.name,
      run: () => {
        if (!router.state.location.pathname.startsWith(view.path))
          void navigate({ to: lastAddress(view.path) ?? view.path });
      },
    })),
    { keys: "Ctrl+J", does: "Jobs", inInputs: true, run: toggleJobs },
    { keys: "Ctrl+,", does: "Settings", inInputs: true, run: settings },
    { ...commandKey("help"), run: () => openLayer("help") },
    { ...commandKey("filter"), run: focusFilter },
    { keys: "Ctrl+E", does: "Export", inInputs: true, run: openExport },
    { keys: "Ctrl+Z", does: "Undo", run: () => takeBack() },
    { keys: "F6", does: "Next region", inInputs: true, always: true, run: () => focusNextRegion(1) },
    { keys: "Shift+F6", does: "Previous region", inInputs: true, always: true, run: () => focusNextRegion(-1) },
  ];
}

/** The view's filter field, marked with `data-filter`. */
function focusFilter(): boolean {
  const field = document.querySelector<HTMLElement>("main [data-filter], main input[type='search']");
  field?.focus();
  return field !== null;
}
