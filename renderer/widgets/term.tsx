/** A word of the glossary: dotted, explained on hover, focus and touch. */
import { Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { type GlossaryName, glossary } from "./glossary.ts";
import styles from "./term.module.css";

export interface TermProps {
  name: GlossaryName;
  children?: ReactNode;
}

export function Term({ name, children }: TermProps) {
  const { word, meaning } = glossary[name];
  const label = (
    <>
      <b>{word}</b>
      <br />
      {meaning}
    </>
  );
  return (
    <Tooltip label={label} multiline w={240} openDelay={80} events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className={styles.term}>
        {children ?? word}
      </button>
    </Tooltip>
  );
}
