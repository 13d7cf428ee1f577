import { expect, test } from "vitest";
import { defaultSettings } from "../../contract/domain/settings.ts";
import { readSettings } from "./settings.ts";

const stored = (settings: Record<string, unknown>) => readSettings({ settings: () => Promise.resolve(settings) });

test("what was set is read, what was never set has its default", async () => {
  const keys = { "library.next": "N" };
  expect(await stored({ digits: "more", keys })).toEqual({ ...defaultSettings, digits: "more", keys });
});

test("a stored value that is not one of the setting falls back to the default, the others stay", async () => {
  const read = await stored({ digits: "all", theme: "dark", keys: { "library.next": "K" } });
  expect(read).toEqual({ ...defaultSettings, theme: "dark" });
});
