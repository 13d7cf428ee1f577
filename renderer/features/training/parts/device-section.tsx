/** Where a run trains: asked for where there is a choice, or where the recipe has made one. */
import { Checkbox, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { devicesIn, type TrainingDevice } from "../../../../src/contract/domain/training.ts";
import { formatBytes } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { useEngine } from "../../../client/engine.ts";
import { environmentQuery } from "../../../client/training-queries.ts";
import { cardsOf, chosenValue, deviceChoices, deviceOfCards, several } from "../model/devices.ts";
import { shardingField } from "../model/fields.ts";
import formStyles from "../recipe.module.css";
import styles from "../training.module.css";
import type { DraftModel } from "../use-draft.ts";
import { FieldControl, FieldLabel, FieldProblems } from "./field-control.tsx";

/** Longer names of devices are cut in the list. */
const nameLimit = 60;

export function DeviceSection({ model }: { model: DraftModel }) {
  const engine = useEngine();
  const devices = useQuery(environmentQuery(engine)).data?.devices ?? [];
  const wanted = textOf(model.valueOf("device")) ?? "auto";
  const together = devicesIn(wanted).length > 1;
  const shards = together || (textOf(model.valueOf("sharding")) ?? "auto") !== "auto";
  const isOnlyOne = devices.length < 2 && (wanted === "auto" || devices.some(({ id }) => id === wanted));
  if (isOnlyOne && !shards)
    return <FieldProblems problems={[...model.problemsOf("device"), ...model.problemsOf("sharding")]} />;
  return (
    <section className={formStyles.section}>
      <h3>Where it trains</h3>
      <div className={shards ? styles.pair : undefined}>
        <DeviceField model={model} devices={devices} wanted={wanted} />
        {shards && <FieldControl model={model} entry={shardingField} />}
      </div>
      {chosenValue(devices, wanted) === several && <Cards model={model} devices={devices} wanted={wanted} />}
    </section>
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

interface DeviceProps {
  model: DraftModel;
  devices: readonly TrainingDevice[];
  wanted: string;
}

function DeviceField({ model, devices, wanted }: DeviceProps) {
  const id = useId();
  const problems = model.problemsOf("device");
  const choose = (value: string) =>
    setDevice(model, value === several ? deviceOfCards(cardsOf(devices).map((card) => card.id)) : value);
  return (
    <div className={formStyles.field} data-field="device">
      <FieldLabel id={id} source={model.sourceOf("device")}>
        Device
      </FieldLabel>
      <NativeSelect
        id={id}
        aria-describedby={`${id}-problem`}
        error={problems.some(({ level }) => level === "error")}
        data={deviceChoices(devices, wanted).map(({ value, label }) => ({ value, label: shortText(label, nameLimit) }))}
        value={chosenValue(devices, wanted)}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      <FieldProblems id={`${id}-problem`} problems={problems} />
    </div>
  );
}

/** One device has nothing to divide: what a recipe said of that goes with the others. */
function setDevice(model: DraftModel, device: string | undefined): void {
  model.set("device", device);
  if (devicesIn(device ?? "auto").length === 1) model.set("sharding", undefined);
}

function Cards({ model, devices, wanted }: DeviceProps) {
  const named = devicesIn(wanted);
  const toggle = (id: string) =>
    setDevice(model, deviceOfCards(named.includes(id) ? named.filter((other) => other !== id) : [...named, id]));
  return (
    <fieldset className={formStyles.cards}>
      <legend className="visually-hidden">Cards that share each step</legend>
      {cardsOf(devices).map(({ id, name, freeBytes }) => (
        <Checkbox
          key={id}
          size="xs"
          label={shortText(`${id}: ${name}, ${formatBytes(freeBytes)} free`, nameLimit)}
          checked={named.includes(id)}
          onChange={() => toggle(id)}
        />
      ))}
    </fieldset>
  );
}
