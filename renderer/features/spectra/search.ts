/** Address of Spectra & rank: every parameter optional, unusable values dropped. */
import { z } from "zod";

export const rankDefinitions = ["entropy", "entropy2", "participation", "stable", "energy90"] as const;
export type RankDefinition = (typeof rankDefinitions)[number];

export const spectraSearch = z.object({
  /** Ids of runs, in the order of their letters. */
  runs: z.coerce
    .string()
    .regex(/^[0-9a-f]{12}(?:,[0-9a-f]{12}){0,7}$/)
    .optional()
    .catch(undefined),
  kind: z.coerce
    .string()
    .regex(/^\w{1,64}$/)
    .optional()
    .catch(undefined),
  /** `24-35` */
  layers: z.coerce
    .string()
    .regex(/^\d{1,5}(?:-\d{1,5})?$/)
    .optional()
    .catch(undefined),
  rank: z.enum(rankDefinitions).optional().catch(undefined),
  x: z.enum(["k", "share"]).optional().catch(undefined),
  /** Run and layer whose tail is shown. */
  tail: z.coerce
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .optional()
    .catch(undefined),
  /** Run whose ΔW the rank advice learns from, with the samples and the noise-to-shift ratio it assumes. */
  ref: z.coerce
    .string()
    .regex(/^[0-9a-f]{12}$/)
    .optional()
    .catch(undefined),
  n: z.coerce.number().int().min(2).max(10_000_000).optional().catch(undefined),
  rho: z.coerce.number().min(0.01).max(30).optional().catch(undefined),
  at: z.coerce.number().int().min(0).max(99_999).optional().catch(undefined),
});
export type SpectraSearch = z.infer<typeof spectraSearch>;
