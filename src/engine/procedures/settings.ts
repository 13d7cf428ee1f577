/** What the user set, kept in the workspace; what was never set has its default. */
import { z } from "zod";
import { defaultSettings, type Settings, settings } from "../../contract/domain/settings.ts";
import type { Store } from "../store/types.ts";

export async function readSettings(store: Pick<Store, "settings">): Promise<Settings> {
  const stored = await store.settings();
  const known = Object.entries(settings.shape).flatMap(([key, schema]) => {
    // A value that an older or newer version wrote differently falls back to the default.
    const parsed = z.safeParse(schema, stored[key]);
    return parsed.success ? [[key, parsed.data] as const] : [];
  });
  return { ...defaultSettings, ...Object.fromEntries(known) };
}

export async function changeSettings(store: Store, changes: Partial<Settings>): Promise<Settings> {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  await store.putSettings(Object.fromEntries(given));
  return readSettings(store);
}
