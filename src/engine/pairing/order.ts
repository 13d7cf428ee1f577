/** The order in which pairs are listed: layers ascending, inside a layer by role, embedding and head last. */
import type { Role } from "../../contract/domain/checkpoint.ts";
import { mapInTurns, sortInTurns } from "../turns.ts";

const KINDS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "gate_up_proj", "down_proj"];

interface Placed {
  name: string;
  role: Role;
}

const NAMES = new Intl.Collator("en", { numeric: true });

/** The items in order; equal places have their names in natural order. */
export async function sortByPlace<Item extends Placed>(items: readonly Item[]): Promise<Item[]> {
  const placed = await mapInTurns(items, (item) => ({ item, place: place(item) }));
  const sorted = await sortInTurns(
    placed,
    (a, b) => compare(a.place, b.place) || NAMES.compare(a.item.name, b.item.name),
  );
  return mapInTurns(sorted, ({ item }) => item);
}

/** Dense modules come before the experts of the same layer, and each expert's matrices stay together. */
function place({ role }: Placed): number[] {
  const kind = KINDS.indexOf(role.kind);
  return [section(role), role.layer ?? 0, role.expert ?? -1, kind < 0 ? KINDS.length : kind];
}

function section(role: Role): number {
  if (role.group === "head") return 3;
  if (role.group === "embedding") return 2;
  return role.layer === null ? 1 : 0;
}

function compare(a: number[], b: number[]): number {
  const index = a.findIndex((value, position) => value !== b[position]);
  return index < 0 ? 0 : (a[index] as number) - (b[index] as number);
}
