/** Address of the Theory lab: every parameter optional, unusable values dropped. */
import { z } from "zod";
import { figureName } from "../../../src/contract/domain/theory.ts";
import { limits } from "./model/limits.ts";

const whole = ({ least, most }: { least: number; most: number }) =>
  z.coerce.number().int().min(least).max(most).optional().catch(undefined);
const real = ({ least, most }: { least: number; most: number }) =>
  z.coerce.number().min(least).max(most).optional().catch(undefined);

export const theorySearch = z.object({
  n: whole(limits.n),
  d: whole(limits.d),
  k: whole(limits.k),
  r: whole(limits.r),
  decay: real(limits.decay),
  noise: real(limits.noise),
  seeds: whole(limits.seeds),
  /** Ranks of LoRA, `2,10,32`. */
  ranks: z.coerce
    .string()
    .regex(/^[1-9]\d{0,3}(?:,[1-9]\d{0,3}){0,4}$/)
    .optional()
    .catch(undefined),
  /** Run whose measured spectrum replaces r⋆ and decay; with one of its modules, or the middle one. */
  feed: z.coerce
    .string()
    .regex(/^[0-9a-f]{12}(?::[\w.-]{1,300})?$/)
    .optional()
    .catch(undefined),
  /** A figure of the paper, or the notes, in the place of the curves. */
  show: z
    .enum([...figureName.options, "notes"])
    .optional()
    .catch(undefined),
});
export type TheorySearch = z.infer<typeof theorySearch>;
