/** The settings of the workspace, applied to the page as soon as they are known or changed. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useEngine } from "../client/engine.ts";
import { settingsQuery } from "../client/queries.ts";
import { setSingleKeys } from "../widgets/keyboard.ts";
import { chooseDensity, chooseTheme } from "./appearance.ts";

export function useAppliedSettings(): void {
  const engine = useEngine();
  const { data } = useQuery(settingsQuery(engine));
  useEffect(() => {
    if (!data) return;
    chooseTheme(data.theme);
    chooseDensity(data.density);
    setSingleKeys(data.singleKeys);
  }, [data]);
}
