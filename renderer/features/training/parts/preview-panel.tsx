/** What will be trained on: a rendered row with its tokens, how long rows are, labels, and what is wrong with the data. */
import { Button } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { DataPreview, RunConfig } from "../../../../src/contract/domain/training.ts";
import { formatCount, formatNumberOf, formatRanges, formatShare } from "../../../../src/contract/format.ts";
import { visibleText } from "../../../../src/contract/text.ts";
import { TokenHistogram } from "../../../charts/token-histogram.tsx";
import { useEngine } from "../../../client/engine.ts";
import { previewQuery } from "../../../client/training-queries.ts";
import { Chip } from "../../../widgets/chip.tsx";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { FileText } from "../../../widgets/file-text.tsx";
import { IconButton } from "../../../widgets/icon-button.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import liveStyles from "../live.module.css";
import tablesStyles from "../tables.module.css";
import styles from "../training.module.css";

export function PreviewPanel({ config, waiting }: { config: RunConfig | undefined; waiting: string | undefined }) {
  const engine = useEngine();
  const { data, error, isFetching, isPlaceholderData } = useQuery(previewQuery(engine, config));
  const [place, setPlace] = useState(0);
  const count = data?.examples.length ?? 0;
  const index = Math.min(place, Math.max(0, count - 1));
  const example = data?.examples[index];
  const step = (by: number) => setPlace((index + by + count) % count);
  return (
    <Panel
      testId="preview"
      className={`${styles.preview} ${styles.wrapping}`}
      title={
        <span className={styles.titleRow}>
          Data preview
          {data && example && (
            <span className={styles.note}>
              line {formatCount(example.line)} · example {index + 1} of {count}, {formatNumberOf(data.rows, "row")}
            </span>
          )}
          {count > 1 && (
            <>
              <IconButton label="Example before" size={24} onClick={() => step(-1)}>
                <IconChevronLeft size={14} stroke={1.4} aria-hidden="true" />
              </IconButton>
              <IconButton label="Next example" size={24} onClick={() => step(1)}>
                <IconChevronRight size={14} stroke={1.4} aria-hidden="true" />
              </IconButton>
            </>
          )}
        </span>
      }
      actions={
        data && (
          <span className={liveStyles.key}>
            <b>Yes</b> trained on <span>text</span> masked
          </span>
        )
      }
    >
      {error ? (
        <ErrorCard error={toErrorDocument(error)} />
      ) : data && config ? (
        <div className={styles.stack} data-stale={isPlaceholderData || undefined}>
          {example && <Tokens example={example} />}
          <Counts data={data} config={config} />
          <Checks
            data={data}
            onLine={(line) =>
              setPlace(
                Math.max(
                  0,
                  data.examples.findIndex((row) => row.line === line),
                ),
              )
            }
          />
          <div className={styles.pair}>
            <div className={liveStyles.smallChart}>
              <p className={styles.note}>Tokens per example</p>
              {data.histogram.length > 0 && <TokenHistogram bins={data.histogram} cutoff={config.data.cutoff} />}
            </div>
            <Labels data={data} config={config} />
          </div>
        </div>
      ) : isFetching ? (
        <Placeholder height={220} />
      ) : (
        <p className={styles.note}>{waiting ?? "Shown when base and data are chosen."}</p>
      )}
    </Panel>
  );
}

type Example = DataPreview["examples"][number];

function Tokens({ example }: { example: Example }) {
  const box = useRef<HTMLElement>(null);
  const trained = example.tokens.filter((token) => token.trained).length;
  // Long prompts would hide what is trained.
  useEffect(() => {
    const first = box.current?.querySelector<HTMLElement>("[data-trained]");
    if (box.current && example.tokens.length > 0)
      box.current.scrollTop = first ? first.offsetTop - box.current.clientHeight / 2 : 0;
  }, [example]);
  const name = `Example of line ${example.line}: ${formatNumberOf(example.tokens.length, "token")}, ${trained} trained on`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: long rows scroll, also by keyboard
    <section ref={box} className={liveStyles.tokens} data-testid="tokens" aria-label={name} tabIndex={0}>
      {example.tokens.map(({ text, id, trained: marked }, index) => {
        const Tag = marked ? "b" : "span";
        return (
          <Tag key={index} title={`token ${id}`} data-trained={marked || undefined}>
            {shownToken(text)}
          </Tag>
        );
      })}
    </section>
  );
}

/** Line breaks stay, and are marked like other invisible characters. */
function shownToken(text: string): string {
  return text.split("\n").map(visibleText).join("↵\n");
}

function Counts({ data, config }: { data: DataPreview; config: RunConfig }) {
  const { tokens, cutShare, training, validation, steps } = data;
  const cut = Math.round(cutShare * data.rows);
  return (
    <div className={styles.chips}>
      <Chip>{formatNumberOf(training, "row")} train</Chip>
      <Chip>{formatCount(validation)} held out</Chip>
      {steps !== null && <Chip>{formatNumberOf(steps, "step")}</Chip>}
      <Chip>
        median {formatCount(tokens.median)}, 95 % {formatCount(tokens.p95)}, longest {formatCount(tokens.maximum)}{" "}
        tokens
      </Chip>
      <Chip>≈ {formatCount(tokens.answers)} trained on per row</Chip>
      {cutShare > 0 && (
        <Chip tone="warn">
          {formatCount(cut)} longer than {formatCount(config.data.cutoff)} ({formatShare(cutShare)})
        </Chip>
      )}
    </div>
  );
}

/** Lines that one check links to. */
const fewLines = 6;

function Checks({ data, onLine }: { data: DataPreview; onLine: (line: number) => void }) {
  const shown = new Set(data.examples.map(({ line }) => line));
  return (
    <ul className={liveStyles.checks} aria-label="Checks of the data">
      {data.checks.map((check) => {
        const { code, message, severity, lines } = check;
        const linked = lines.filter((line) => shown.has(line)).slice(0, fewLines);
        return (
          <li key={`${code} ${message}`} data-severity={severity} data-testid={`check-${code}`}>
            <FileText text={message} limit={300} />{" "}
            {lines.length > 0 && (
              <span className={styles.note}>
                {lines.length === 1 ? "line" : "lines"} {formatRanges(lines.slice(0, 12))}
                {lines.length > 12 && " …"}
              </span>
            )}
            {linked.map((line) => (
              <Button key={line} size="xs" variant="subtle" onClick={() => onLine(line)}>
                Show line {formatCount(line)}
              </Button>
            ))}
          </li>
        );
      })}
    </ul>
  );
}

function Labels({ data: { labels }, config }: { data: DataPreview; config: RunConfig }) {
  if (labels.length === 0) return null;
  const most = Math.max(...labels.map(({ rows }) => rows), 1);
  const flipped = labels.reduce((sum, label) => sum + label.flipped, 0);
  const all = labels.reduce((sum, label) => sum + label.rows, 0);
  const { noise, noise_seed: seed } = config.data;
  return (
    <div>
      <p className={styles.note}>{noise > 0 ? `Labels after ${formatShare(noise)} noise` : "Labels"}</p>
      <table className={tablesStyles.labels}>
        <tbody>
          {labels.map(({ label, rows, flipped: wrong }) => (
            <tr key={label}>
              <th scope="row">
                <FileText text={label} limit={16} />
              </th>
              <td className={tablesStyles.labelBar} aria-hidden="true">
                <i style={{ width: `${((rows - wrong) / most) * 100}%` }} />
                <i data-flipped style={{ width: `${(wrong / most) * 100}%` }} />
              </td>
              <td>
                {formatCount(rows)}
                <span className="visually-hidden">, {formatCount(wrong)} flipped</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {flipped > 0 && (
        <p className={styles.note}>
          flipped, noise seed {seed} · {formatCount(flipped)} of {formatCount(all)}
        </p>
      )}
    </div>
  );
}
