/** What happened in a run, newest last, or what its libraries wrote; a search narrows it to lines with all words. */
import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { memo, useEffect, useMemo, useRef } from "react";
import type { TrainingHistory } from "../../../../src/contract/domain/training.ts";
import { visibleText } from "../../../../src/contract/text.ts";
import { useEngine } from "../../../client/engine.ts";
import { trainingLogQuery } from "../../../client/training-queries.ts";
import { useHost } from "../../../host/host.ts";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { useInTurn } from "../../../widgets/in-turn.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import { useTypedText } from "../../../widgets/use-typed-text.ts";
import liveStyles from "../live.module.css";
import { type LogLine, runLog } from "../model/run-log.ts";
import { clockText } from "../model/words.ts";
import type { LiveSearch } from "../search.ts";
import styles from "../training.module.css";

interface LogPanelProps {
  history: TrainingHistory;
  search: LiveSearch;
  onSearch: (changes: Partial<LiveSearch>) => void;
}

type ShownLine = Pick<LogLine, "text" | "tone"> & { at?: number };

export function LogPanel({ history, search, onSearch }: LogPanelProps) {
  const host = useHost();
  const { folder } = history.run;
  const shown = useInTurn(history, 7);
  const [typed, setTyped] = useTypedText(search.q ?? "", (q) => onSearch({ q: q || undefined }));
  return (
    <Panel
      title="Log"
      testId="log"
      flush
      className={liveStyles.log}
      actions={
        <>
          {host.reveal && (
            <Button size="xs" variant="subtle" onClick={() => host.reveal?.(folder)}>
              Show folder
            </Button>
          )}
          <Segmented
            small
            label="Log of"
            value={search.log ?? "run"}
            options={[
              { value: "run", label: "Run" },
              { value: "output", label: "Output" },
            ]}
            onChange={(log) => onSearch({ log: log === "output" ? log : undefined })}
          />
        </>
      }
    >
      <TextInput
        type="search"
        className={liveStyles.logSearch}
        aria-label="Search the log"
        placeholder="Search"
        data-filter
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {search.log === "output" ? (
        <Output run={history.run.id} search={search.q ?? ""} />
      ) : (
        <Events history={shown} search={search.q ?? ""} />
      )}
    </Panel>
  );
}

const Events = memo(function Events({ history, search }: { history: TrainingHistory; search: string }) {
  const lines = useMemo(() => runLog(history), [history]);
  return <Lines lines={lines} search={search} name="Events of the run" empty="Nothing happened yet." />;
});

/** What the trainer's libraries wrote for people. */
function Output({ run, search }: { run: string; search: string }) {
  const engine = useEngine();
  const { data, error } = useQuery(trainingLogQuery(engine, run));
  const lines = (data?.lines ?? []).map((text) => ({ text, tone: toneOf(text) }) as ShownLine);
  const empty = error == null ? "Nothing was written yet." : toErrorDocument(error).message;
  return <Lines lines={lines} search={search} name="Lines of the trainer" empty={empty} />;
}

interface LinesProps {
  lines: readonly ShownLine[];
  search: string;
  name: string;
  empty: string;
}

function Lines({ lines, search, name, empty }: LinesProps) {
  const box = useRef<HTMLDivElement>(null);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = lines.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  const follows = useRef(true);
  // The newest line is in sight, unless something is being looked for or older lines are being read.
  useEffect(() => {
    if (words.length === 0 && follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  return (
    <div
      ref={box}
      className={liveStyles.lines}
      role="log"
      aria-label={name}
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the log scrolls, also by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < lineHeight;
      }}
    >
      {shown.map(({ at, text, tone }, index) => (
        <Line key={at === undefined ? index : `${at} ${text}`} at={at} text={text} tone={tone} />
      ))}
      {shown.length === 0 && <p className={styles.note}>{words.length > 0 ? "No line has these words." : empty}</p>}
    </div>
  );
}

/** Nearer to the end than one line counts as the end, in pixels. */
const lineHeight = 17;

const Line = memo(function Line({ at, text, tone }: { [K in keyof ShownLine]: ShownLine[K] | undefined }) {
  return (
    <div data-tone={tone} {...(at !== undefined && { "data-event": true, title: visibleText(text ?? "") })}>
      {at !== undefined && <time>{clockText(at)}</time>}
      {visibleText(text ?? "")}
    </div>
  );
});

function toneOf(line: string): "bad" | "warn" | undefined {
  if (/\berror\b|traceback/i.test(line)) return "bad";
  return /\bwarn(?:ing)?\b/i.test(line) ? "warn" : undefined;
}
