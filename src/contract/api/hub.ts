/** The Hugging Face Hub. Nothing is asked of it unless a user names a model; `inspect` shows one before its download. */
import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { hubEvent } from "../domain/hub.ts";
import { path, procedure } from "./procedure.ts";

export const hubProcedures = {
  /**
   * Brings what is named and not on this machine into the local Hugging Face cache. Paths are passed over; so are
   * models in the cache, but with `newest` the Hub is asked for the present commit of their revision.
   * @throws `hub.network-off` where the settings forbid it, and other `hub.*`
   */
  download: procedure
    .input(z.object({ sources: z.array(path).min(1).max(1000), newest: z.boolean().default(false) }))
    .output(eventIterator(hubEvent)),
};
