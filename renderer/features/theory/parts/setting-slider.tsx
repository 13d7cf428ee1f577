/** A quantity of the setting as slider and number; wide ranges are logarithmic. */
import { NumberInput, Slider } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import styles from "../theory.module.css";

interface SettingSliderProps {
  id: string;
  name: string;
  title: ReactNode;
  value: number;
  least: number;
  most: number;
  log?: boolean;
  /** Steps of the slider: 1 for counts. */
  step: number;
  decimals?: number;
  note?: string;
  error?: string | undefined;
  disabled?: boolean;
  onChange: (value: number) => void;
}

/** Positions of a logarithmic slider; arrows move by one of them. */
const positions = 400;

export function SettingSlider(props: SettingSliderProps) {
  const {
    id,
    name,
    title,
    value,
    least,
    most,
    log = false,
    step,
    decimals = 0,
    note,
    error,
    disabled,
    onChange,
  } = props;
  const round = (next: number) => Number((Math.round(next / step) * step).toFixed(decimals));
  const toPosition = (at: number) => (log ? (positions * Math.log(at / least)) / Math.log(most / least) : at);
  const fromPosition = (at: number) => round(log ? least * (most / least) ** (at / positions) : at);
  const here = toPosition(Math.max(least, Math.min(most, value)));
  const move = (position: number) => {
    const next = fromPosition(position);
    // Near the low end several positions are one count; the next key still moves.
    if (log && next === value && position !== here)
      onChange(Math.max(least, Math.min(most, value + Math.sign(position - here) * step)));
    else if (next !== value) onChange(next);
  };
  return (
    <div className={styles.quantity} data-disabled={disabled || undefined} data-testid={`setting-${id}`}>
      <div className={styles.quantityHead}>
        <span className={styles.quantityName}>{title}</span>
        <TypedNumber {...props} onChange={(next) => onChange(round(next))} />
      </div>
      <Slider
        className={styles.slider}
        label={null}
        disabled={disabled ?? false}
        min={log ? 0 : least}
        max={log ? positions : most}
        step={log ? 1 : step}
        value={here}
        thumbLabel={name}
        thumbValueText={`${name} ${value}`}
        onChange={move}
      />
      {error ? (
        <p className={styles.fieldError} role="alert" id={`${id}-error`}>
          {error}
        </p>
      ) : (
        note && <p className={styles.note}>{note}</p>
      )}
    </div>
  );
}

/** What is being typed stands until it is a possible number or the field is left. */
function TypedNumber({ id, name, value, least, most, decimals = 0, disabled, error, onChange }: SettingSliderProps) {
  const [text, setText] = useState<string | number>(value);
  const [focused, setFocused] = useState(false);
  useEffect(() => {
    if (!focused) setText(value);
  }, [value, focused]);
  const parsed = typeof text === "number" ? text : Number(text === "" ? Number.NaN : text);
  const outside = !(parsed >= least && parsed <= most) || (decimals === 0 && !Number.isInteger(parsed));
  const type = (next: string | number) => {
    setText(next);
    const number = typeof next === "number" ? next : Number(next === "" ? Number.NaN : next);
    if (number >= least && number <= most && (decimals > 0 || Number.isInteger(number))) onChange(number);
  };
  return (
    <NumberInput
      className={styles.quantityInput}
      size="xs"
      hideControls
      aria-label={`${name}, number`}
      aria-describedby={error ? `${id}-error` : undefined}
      disabled={disabled ?? false}
      value={focused ? text : value}
      decimalScale={decimals}
      min={least}
      max={most}
      clampBehavior="none"
      error={outside && focused ? `${least} to ${most}` : Boolean(error)}
      onChange={type}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    />
  );
}
