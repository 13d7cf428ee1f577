/** What the workspace holds to work on. */
import { z } from "zod";
import { libraryItem } from "../domain/library.ts";
import { path, procedure } from "./procedure.ts";

export const libraryProcedures = {
  list: procedure.output(z.array(libraryItem)),
  /**
   * Recognises each path (a folder may hold several sources) and keeps it in the workspace. Answers the added items.
   * Loose files that belong to no checkpoint are passed over; `library.nothing-found` where nothing else was given.
   */
  add: procedure.input(z.object({ paths: z.array(path).min(1).max(20_000) })).output(z.array(libraryItem)),
  remove: procedure.input(z.object({ items: z.array(z.string()) })).output(z.array(libraryItem)),
  /** Takes back a removal. */
  restore: procedure.input(z.object({ items: z.array(z.string()) })).output(z.array(libraryItem)),
  /** Says which base an item belongs to; null makes a full checkpoint a base itself. */
  assignBase: procedure.input(z.object({ item: z.string(), base: z.string().nullable() })).output(z.array(libraryItem)),
  scanCache: procedure.output(z.array(libraryItem)),
  /**
   * Sub-folders of a folder that may be opened, for the browser, which has no file dialog of its own; with `files`
   * (ends of names, ".jsonl") also the files that end so.
   */
  browse: procedure
    .input(z.object({ folder: z.string().optional(), files: z.array(z.string().max(20)).max(20).optional() }))
    .output(
      z.object({
        folder: z.string(),
        parent: z.string().nullable(),
        entries: z.array(
          z.object({ name: z.string(), path: z.string(), kind: z.enum(["folder", "model", "adapter", "file"]) }),
        ),
      }),
    ),
};
