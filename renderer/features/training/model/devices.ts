/** The devices of a recipe as a form offers them: one, or several cards together. */
import { devicesIn, type TrainingDevice } from "../../../../src/contract/domain/training.ts";
import { formatBytes } from "../../../../src/contract/format.ts";

/** The choice that opens the list of cards. */
export const several = "several";

export interface DeviceChoice {
  value: string;
  label: string;
}

/** Cards that can share one run; those of the processor and of Apple's chips cannot. */
export function cardsOf(devices: readonly TrainingDevice[]): TrainingDevice[] {
  return devices.filter(({ kind }) => kind === "cuda" || kind === "rocm");
}

/** What the list offers, and always what the recipe names. */
export function deviceChoices(devices: readonly TrainingDevice[], wanted: string): DeviceChoice[] {
  const together = cardsOf(devices).length > 1 ? [{ value: several, label: "several cards together" }] : [];
  const known = [{ value: "auto", label: "automatic" }, ...devices.map(choiceOf), ...together];
  const chosen = chosenValue(devices, wanted);
  return known.some(({ value }) => value === chosen)
    ? known
    : [...known, { value: chosen, label: `${wanted}, not on this machine` }];
}

function choiceOf({ id, name, freeBytes }: TrainingDevice): DeviceChoice {
  return { value: id, label: `${id}: ${name}, ${formatBytes(freeBytes)} free` };
}

/** What of the list stands for a device of a recipe. */
export function chosenValue(devices: readonly TrainingDevice[], wanted: string): string {
  const cards = new Set(cardsOf(devices).map(({ id }) => id));
  const named = devicesIn(wanted);
  return named.length > 1 && named.every((id) => cards.has(id)) ? several : wanted;
}

/** The recipe's device for some cards, in their own order; undefined without one. */
export function deviceOfCards(ids: readonly string[]): string | undefined {
  const numbers = ids.map((id) => Number(id.replace("cuda:", ""))).toSorted((one, other) => one - other);
  return numbers.length === 0 ? undefined : `cuda:${numbers.join(",")}`;
}
