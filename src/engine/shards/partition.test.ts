import { expect, test } from "vitest";
import { balance } from "./partition.ts";

test("costs are spread: no shard carries more than its share and the costliest module", () => {
  const costs = new Map<string, number>(
    Array.from({ length: 500 }, (_, index) => [`m${index}`, 1 + ((index * 7919) % 97)]),
  );
  const whole = [...costs.values()].reduce((sum, cost) => sum + cost, 0);
  for (const count of [1, 2, 7, 64]) {
    const shards = balance(costs, count);
    expect(shards.size).toBe(costs.size);
    const loads = Array.from({ length: count }, (_, index) =>
      [...shards].reduce((sum, [name, shard]) => sum + (shard === index + 1 ? (costs.get(name) as number) : 0), 0),
    );
    expect(loads.reduce((sum, load) => sum + load, 0)).toBe(whole);
    expect(Math.max(...loads)).toBeLessThanOrEqual(whole / count + 97);
  }
});

test("the order in which modules are met decides nothing", () => {
  const costs = new Map(["b", "a", "d", "c", "e"].map((name) => [name, name === "d" ? 4 : 1]));
  const reversed = new Map([...costs].reverse());
  expect(new Map([...balance(costs, 2)].sort())).toEqual(new Map([...balance(reversed, 2)].sort()));
  expect(Object.fromEntries(balance(costs, 2))).toEqual({ d: 1, a: 2, b: 2, c: 2, e: 2 });
});
