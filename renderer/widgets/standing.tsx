/** How sure a number is; the word is always there, the colour only repeats it. */
import type { z } from "zod";
import type { standing } from "../../src/contract/domain/finding.ts";
import { Chip } from "./chip.tsx";

export type StandingValue = z.infer<typeof standing>;

const tones = { certified: "ok", computed: "ok", estimated: "warn", "not measured": "outline" } as const;

export function Standing({ value }: { value: StandingValue }) {
  return <Chip tone={tones[value]}>{value === "estimated" ? "≈ estimated" : value}</Chip>;
}
