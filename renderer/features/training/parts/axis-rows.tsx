/** Axes of a sweep as chips: what is compared with what. */
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { formatPercent } from "../../../../src/contract/format.ts";
import { Chip } from "../../../widgets/chip.tsx";
import {
  type AxisName,
  axisHints,
  axisNames,
  type Planned,
  typedValues,
  withoutValue,
  withValues,
} from "../model/sweep-plan.ts";
import { rateText } from "../model/words.ts";
import tablesStyles from "../tables.module.css";
import styles from "../training.module.css";

interface AxisRowsProps {
  plan: Planned;
  onPlan: (plan: Planned) => void;
}

const axes = ["variants", "noise", "seed", "subset", "learning_rate"] as const;

export function AxisRows({ plan, onPlan }: AxisRowsProps) {
  return (
    <table className={tablesStyles.axes}>
      <tbody>
        {axes.map((axis) => (
          <tr key={axis} data-testid={`axis-${axis}`}>
            <th scope="row">{axisNames[axis]}</th>
            <td>
              <AxisChips axis={axis} plan={plan} onPlan={onPlan} />
            </td>
            <td className={tablesStyles.number}>{plan[axis].length || "as the recipe"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function axisText(axis: AxisName, value: string | number): string {
  if (axis === "variants") return value === "full" ? "FFT" : `r ${value}`;
  if (axis === "noise") return formatPercent(Number(value) * 100).replace(/[.,]0 %/, " %");
  return axis === "learning_rate" ? rateText(Number(value)) : String(value);
}

function AxisChips({ axis, plan, onPlan }: AxisRowsProps & { axis: AxisName }) {
  const [typed, setTyped] = useState("");
  const values = typedValues(axis, typed);
  const add = () => {
    if (!values || values.length === 0) return;
    onPlan(withValues(plan, axis, values));
    setTyped("");
  };
  return (
    <form
      className={styles.chips}
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      {plan[axis].map((value) => (
        <Chip
          key={value}
          tone="accent"
          onRemove={() => onPlan(withoutValue(plan, axis, value))}
          removeLabel={`Leave ${axisText(axis, value)} out`}
        >
          {axisText(axis, value)}
        </Chip>
      ))}
      <TextInput
        size="xs"
        className={tablesStyles.axisInput}
        aria-label={`Add to ${axisNames[axis]}`}
        placeholder={axisHints[axis]}
        autoComplete="off"
        value={typed}
        error={values === undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={add}
      />
      <Button type="submit" size="xs" variant="subtle" disabled={!values || values.length === 0}>
        Add
      </Button>
    </form>
  );
}
