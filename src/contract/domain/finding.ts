/** A sentence with numbers that the program derives, linked to the rows behind it. */
import { z } from "zod";

/** How sure a number is: proven by bounds, computed to rounding, estimated, or absent. */
export const standing = z.enum(["certified", "computed", "estimated", "not measured"]);

export const findingPart = z.union([
  z.object({ run: z.string() }),
  z.object({ text: z.string() }),
  z.object({ value: z.number(), unit: z.string(), standing }),
]);
export type FindingPart = z.infer<typeof findingPart>;

export const finding = z.object({
  id: z.string(),
  text: z.string(),
  parts: z.array(findingPart),
  evidence: z.object({ view: z.string(), modules: z.array(z.string()) }),
});
export type Finding = z.infer<typeof finding>;
