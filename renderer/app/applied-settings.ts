/** The settings of the workspace, applied to the page as soon as they are known or changed. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { setDecimalSign, setDigits } from "../../src/contract/format.ts";
import { useEngine } from "../client/engine.ts";
import { settingsQuery } from "../client/queries.ts";
import { setCommandKeys } from "../widgets/key-commands.ts";
import { setSingleKeys } from "../widgets/keyboard.ts";
import { chooseDensity, chooseTheme } from "./appearance.ts";

/** What must be drawn anew when it changes: numbers are written as they are drawn. */
export function useAppliedSettings(): string {
  const engine = useEngine();
  const { data } = useQuery(settingsQuery(engine));
  const decimalSign = data?.decimalSign ?? ".";
  const digits = data?.digits ?? "standard";
  setDecimalSign(decimalSign);
  setDigits(digits);
  useEffect(() => {
    if (!data) return;
    chooseTheme(data.theme);
    chooseDensity(data.density);
    setSingleKeys(data.singleKeys);
    setCommandKeys(data.keys);
  }, [data]);
  return `${decimalSign} ${digits}`;
}
