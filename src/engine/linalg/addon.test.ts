import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { callNative } from "./addon.ts";

test("a cancelled call that has no place to stop is not waited for", async () => {
  const stop = new AbortController();
  let told = false;
  const call = callNative(stop.signal, async (flag) => {
    await delay(50);
    told = flag.cancelled;
    return new Promise<never>(() => undefined);
  });
  stop.abort();
  await expect(call).rejects.toMatchObject({ code: "job.cancelled" });
  expect(told).toBe(true);
});

test("a call that stops by itself says so in its own words", async () => {
  const stop = new AbortController();
  const call = callNative(stop.signal, async () => {
    await delay(20);
    throw Object.assign(new Error("stopped at row 7"), { code: "cancelled" });
  });
  stop.abort();
  await expect(call).rejects.toMatchObject({ code: "job.cancelled", message: "stopped at row 7" });
});
