/** Address of the Compare view: every parameter optional, unusable values dropped. */
import { z } from "zod";

export const metricIds = [
  "relative",
  "erank",
  "k90",
  "intruders",
  "energy",
  "cosine",
  "unchanged",
  "difference",
] as const;
export type MetricId = (typeof metricIds)[number];

/** Longest free text of an address: more is no filter but an accident. */
const longestText = 500;

/** Addresses hold words; a router may already have made a number of one. */
const text = z.coerce.string().min(1).max(longestText).optional().catch(undefined);

function matching(pattern: RegExp) {
  return z.coerce.string().max(longestText).regex(pattern).optional().catch(undefined);
}

/** `31.down_proj`, `x.embed_tokens` outside the layers, `31.up_proj.5` for expert 5. */
export const cellPattern = /^(?:\d{1,5}|x)\.\w{1,64}(?:\.\d{1,5})?$/;
const cellListPattern = /^(?:(?:\d{1,5}|x)\.\w{1,64}(?:\.\d{1,5})?,?){1,20}$/;

export const compareSearch = z.object({
  /** Fingerprint of the base. */
  base: text,
  /** Ids of runs, in the order of the tracks. */
  runs: text,
  metric: z.enum(metricIds).optional().catch(undefined),
  scale: z.enum(["log", "lin", "lock"]).optional().catch(undefined),
  /** The frozen domain of `scale=lock`: `log:0.003:0.3`. */
  domain: matching(/^(?:log|lin):[\d.e+-]{1,24}:[\d.e+-]{1,24}$/),
  /** Two runs of `metric=difference`: `a..b`. */
  pair: matching(/^\w{1,64}\.\.\w{1,64}$/),
  /** What `metric=difference` compares. */
  of: z.enum(metricIds).exclude(["difference"]).optional().catch(undefined),
  k: z.coerce.number().int().min(1).max(256).optional().catch(undefined),
  eps: z.coerce.number().gt(0).lt(1).optional().catch(undefined),
  side: z.enum(["left", "right"]).optional().catch(undefined),
  layers: matching(/^\d{1,5}(?:-\d{1,5})?$/),
  kinds: matching(/^\w{1,64}(?:,\w{1,64}){0,63}$/),
  sel: matching(cellPattern),
  /** Run whose track holds the selection. */
  at: matching(/^\w{1,64}$/),
  pins: matching(cellListPattern),
  as: z.enum(["heat", "table"]).optional().catch(undefined),
  layout: z.enum(["stack", "side"]).optional().catch(undefined),
  marks: z.enum(["on", "off"]).optional().catch(undefined),
  /** Ids of folded tracks; "none" opens all. */
  fold: text,
  sort: matching(/^-?\w{1,32}(?:,-?\w{1,32}){0,5}$/),
  q: text,
  /** Hidden columns of the table. */
  hide: matching(/^\w{1,32}(?:,\w{1,32}){0,31}$/),
});
export type CompareSearch = z.infer<typeof compareSearch>;

/** A comma list of an address as its items. */
export function listOf(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(",").filter((item) => item !== "");
}

/** Items as a comma list of an address; undefined when empty, so that the parameter leaves the address. */
export function listText(items: readonly string[]): string | undefined {
  return items.length === 0 ? undefined : items.join(",");
}
