/** The end of the trainer's log; a search narrows it to lines with all words. */
import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { visibleText } from "../../../../src/contract/text.ts";
import { useEngine } from "../../../client/engine.ts";
import { trainingLogQuery } from "../../../client/training-queries.ts";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { Panel } from "../../../widgets/panel.tsx";
import liveStyles from "../live.module.css";
import styles from "../training.module.css";

interface LogPanelProps {
  run: string;
  search: string;
  onSearch: (text: string) => void;
}

export function LogPanel({ run, search, onSearch }: LogPanelProps) {
  const engine = useEngine();
  const { data, error } = useQuery(trainingLogQuery(engine, run));
  const end = useRef<HTMLDivElement>(null);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const lines = (data?.lines ?? []).filter((line) => words.every((word) => line.toLowerCase().includes(word)));
  // The newest line is in sight, unless something is being looked for.
  useEffect(() => {
    if (words.length === 0 && end.current) end.current.scrollTop = end.current.scrollHeight;
  });
  return (
    <Panel title="Log" testId="log" flush className={liveStyles.log}>
      <TextInput
        type="search"
        className={liveStyles.logSearch}
        aria-label="Search the log"
        placeholder="Search"
        data-filter
        value={search}
        onChange={(event) => onSearch(event.currentTarget.value)}
      />
      <div
        ref={end}
        className={liveStyles.lines}
        role="log"
        aria-label="Lines of the trainer"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the log scrolls, also by keyboard
        tabIndex={0}
      >
        {lines.map((line, index) => (
          <div key={index} data-tone={toneOf(line)}>
            {visibleText(line)}
          </div>
        ))}
        {lines.length === 0 && <p className={styles.note}>{emptyWords(error, words.length > 0)}</p>}
      </div>
    </Panel>
  );
}

function emptyWords(error: unknown, searched: boolean): string {
  if (error != null) return toErrorDocument(error).message;
  return searched ? "No line has these words." : "Nothing was written yet.";
}

function toneOf(line: string): "bad" | "warn" | undefined {
  if (/\berror\b|traceback/i.test(line)) return "bad";
  return /\bwarn(?:ing)?\b/i.test(line) ? "warn" : undefined;
}
