/** Procedures on what the user put aside for the report. */
import { randomUUID } from "node:crypto";
import { mostPins, type Pin, type PinDraft } from "../../contract/domain/pin.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { cleanPicture } from "../report/pins/clean-picture.ts";
import { procedures } from "./base.ts";
import type { Services } from "./services.ts";

export const report = {
  pins: {
    list: procedures.report.pins.list.handler(async ({ context }) => (await context.store()).pins()),
    add: procedures.report.pins.add.handler(async ({ input, context }) => {
      const store = await context.store();
      if ((await store.pins()).length >= mostPins) {
        throw new DeltaScopeError("report.full", `The report holds ${mostPins} pins already.`);
      }
      await store.addPin(newPin(input));
      return changed(context);
    }),
    remove: procedures.report.pins.remove.handler(async ({ input, context }) => {
      await (await context.store()).removePins(input.pins);
      return changed(context);
    }),
    note: procedures.report.pins.note.handler(async ({ input, context }) => {
      await (await context.store()).notePin(input.pin, input.note);
      return changed(context);
    }),
    arrange: procedures.report.pins.arrange.handler(async ({ input, context }) => {
      await (await context.store()).arrangePins(input.pins);
      return changed(context);
    }),
  },
};

function newPin(draft: PinDraft): Pin {
  return { ...draft, picture: pictureOf(draft), id: randomUUID(), addedAt: new Date().toISOString(), note: "" };
}

function pictureOf({ picture, title }: PinDraft): string | null {
  if (picture === null) return null;
  const clean = cleanPicture(picture);
  if (clean === undefined) throw new DeltaScopeError("request.invalid", `The picture of “${title}” cannot be kept.`);
  return clean;
}

/** Every open window shows the same list. */
async function changed({ hub, store }: Services): Promise<Pin[]> {
  hub.publish({ type: "pins-changed" });
  return (await store()).pins();
}
