import { expect, test } from "vitest";
import type { Role } from "../../contract/domain/checkpoint.ts";
import { sortByPlace } from "./order.ts";

function item(
  name: string,
  layer: number | null,
  kind: string,
  group: Role["group"] = "other",
  expert: number | null = null,
) {
  return { name, role: { layer, kind, group, expert } };
}

test("layers ascending, roles inside a layer, embedding and head last", async () => {
  const expected = [
    item("q0", 0, "q_proj", "attention"),
    item("k0", 0, "k_proj", "attention"),
    item("o0", 0, "o_proj", "attention"),
    item("gate0", 0, "gate_proj", "mlp"),
    item("down0", 0, "down_proj", "mlp"),
    item("router0", 0, "gate", "router"),
    item("expert0gate", 0, "gate_proj", "mlp", 0),
    item("expert0down", 0, "down_proj", "mlp", 0),
    item("expert1gate", 0, "gate_proj", "mlp", 1),
    item("q2", 2, "q_proj", "attention"),
    item("q10", 10, "q_proj", "attention"),
    item("outside", null, "other"),
    item("embedding", null, "embed_tokens", "embedding"),
    item("head", null, "lm_head", "head"),
  ];
  const shuffled = expected.toSorted((a, b) => (a.name < b.name ? 1 : -1));
  expect((await sortByPlace(shuffled)).map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
});
