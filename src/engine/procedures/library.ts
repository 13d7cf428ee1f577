/** Procedures on the library. */
import { browse } from "../library/browse.ts";
import { procedures } from "./base.ts";
import { checkPlaces } from "./places.ts";

export const library = {
  list: procedures.library.list.handler(async ({ context }) => (await context.open()).library.list()),
  add: procedures.library.add.handler(async ({ input, context }) => {
    await checkPlaces(context, { sources: input.paths });
    return (await context.open()).library.add(input.paths);
  }),
  remove: procedures.library.remove.handler(async ({ input, context }) =>
    (await context.open()).library.remove(input.items),
  ),
  restore: procedures.library.restore.handler(async ({ input, context }) =>
    (await context.open()).library.restore(input.items),
  ),
  assignBase: procedures.library.assignBase.handler(async ({ input, context }) =>
    (await context.open()).library.assignBase(input.item, input.base),
  ),
  scanCache: procedures.library.scanCache.handler(async ({ context }) => (await context.open()).library.scanCache()),
  browse: procedures.library.browse.handler(async ({ input, context }) =>
    browse((await context.open()).places, input.folder, input.files),
  ),
};
