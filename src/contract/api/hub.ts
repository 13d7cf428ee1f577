/** The Hugging Face Hub. Nothing is asked of it unless a user names a model; `inspect` shows one before its download. */
import { eventIterator } from "@orpc/contract";
import { z } from "zod";
import { hubAccount, hubDownloadSpec, hubEvent, hubPlan, hubSelection, hubTokenStatus } from "../domain/hub.ts";
import { path, procedure } from "./procedure.ts";

export const hubProcedures = {
  /** Asks the Hub what a download of it would bring. @throws `hub.*` */
  plan: procedure.input(z.object({ source: path, select: hubSelection.nullable().default(null) })).output(hubPlan),
  /**
   * Brings what is named and not on this machine into the local Hugging Face cache. Paths are passed over; so are
   * models in the cache, but with `newest` the Hub is asked for the present commit of their revision.
   * @throws `hub.network-off` where the settings forbid it, and other `hub.*`
   */
  download: procedure
    .input(
      z.object({
        sources: z
          .array(z.union([path, hubDownloadSpec]))
          .min(1)
          .max(1000),
        newest: z.boolean().default(false),
      }),
    )
    .output(eventIterator(hubEvent)),
  /** The token that opens gated and private repositories. It goes in here, and never out. */
  token: {
    status: procedure.output(hubTokenStatus),
    /** Keeps it in the system's keychain, for this endpoint alone. @throws `hub.keychain`, `request.invalid` */
    set: procedure.input(z.object({ token: z.string().max(10_000) })).output(hubTokenStatus),
    /** Takes it out of the keychain; what the environment or a file says stays. @throws `hub.keychain` */
    remove: procedure.output(hubTokenStatus),
    /** Asks the Hub whose it is. @throws `hub.unauthorised`, `hub.network-off` and other `hub.*` */
    check: procedure.output(hubAccount),
  },
};
