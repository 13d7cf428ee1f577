/** The pins of the report. */
import { z } from "zod";
import { mostPins, pin, pinDraft } from "../domain/pin.ts";
import { procedure } from "./procedure.ts";

export const reportProcedures = {
  /** Each answers all pins as they are now, in the order of the report. */
  pins: {
    list: procedure.output(z.array(pin)),
    add: procedure.input(pinDraft).output(z.array(pin)),
    remove: procedure.input(z.object({ pins: z.array(z.string()).max(mostPins) })).output(z.array(pin)),
    note: procedure.input(z.object({ pin: z.string(), note: pin.shape.note })).output(z.array(pin)),
    /** Puts these first, in this order. */
    arrange: procedure.input(z.object({ pins: z.array(z.string()).max(mostPins) })).output(z.array(pin)),
  },
};
