/** What a user put aside for the report: a view as it was, in words, numbers and a picture, with a note. */
import { z } from "zod";

/** A report with more than this is no longer read; it also bounds what a report and the list of pins can weigh. */
export const mostPins = 60;
/** A heatmap of 36 layers × 7 kinds × 8 runs is about 300 kB. */
export const longestPicture = 1_500_000;
const mostRows = 200;
const mostColumns = 40;
const longestText = 4000;

const text = z.string().max(longestText);
const cell = z.union([text, z.number(), z.null()]);

const fields = {
  view: z.enum(["compare", "inspector", "spectra", "forgetting", "theory"]),
  /** "Compare: heatmap of relative change". */
  title: z.string().min(1).max(300),
  /** The view's address inside the app, selection included. */
  address: z
    .string()
    .regex(/^\/(?![\\/])/)
    .max(8000),
  /** Runs that it shows, by the ids of addresses. */
  runs: z.array(z.string().max(64)).max(64),
  /** Findings and other sentences that stood there. */
  sentences: z.array(text).max(20),
  table: z.object({ columns: z.array(text).max(mostColumns), rows: z.array(z.array(cell)).max(mostRows) }).nullable(),
  /** An SVG; reduced to plain shapes and text before it is kept, and again before it is shown. */
  picture: z.string().max(longestPicture).nullable(),
};

/** What a view hands over. */
export const pinDraft = z.object(fields);
export type PinDraft = z.infer<typeof pinDraft>;

export const pin = z.object({ ...fields, id: z.string(), addedAt: z.string(), note: text });
export type Pin = z.infer<typeof pin>;

/** Rows beyond these are left out of a pin; the table of the view has them all. */
export const pinnedRows = 25;
