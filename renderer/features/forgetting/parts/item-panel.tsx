/** One item as a person reads it: prompt, choices with probabilities before and after, what the others answered. */
import { useQuery } from "@tanstack/react-query";
import { Fragment, type RefObject } from "react";
import type { ItemDetail } from "../../../../src/contract/api.ts";
import type { AuditSpec, Flip } from "../../../../src/contract/domain/audit.ts";
import { formatThreshold } from "../../../../src/contract/format.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { auditItemQuery } from "../../../client/audit-queries.ts";
import { useEngine } from "../../../client/engine.ts";
import { Chip } from "../../../widgets/chip.tsx";
import { ErrorCard } from "../../../widgets/error-card.tsx";
import { toErrorDocument } from "../../../widgets/error-document.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { Placeholder } from "../../../widgets/placeholder.tsx";
import { RunBadge, runColour } from "../../../widgets/run-badge.tsx";
import layout from "../forgetting.module.css";
import styles from "../item-panel.module.css";
import { choiceLetter } from "../model/flips.ts";
import { choiceText, itemText } from "../model/item-text.ts";
import type { Pair, Subject } from "../model/question.ts";

interface ItemPanelProps {
  spec: AuditSpec;
  flip: Flip | undefined;
  pair: Pair | undefined;
  shown: readonly Subject[];
  /** λ of the intervention on screen. */
  lambda: number | undefined;
  focus: RefObject<HTMLElement | null>;
}

export function ItemPanel({ spec, flip, pair, shown, lambda, focus }: ItemPanelProps) {
  if (!flip || !pair) {
    return (
      <Panel title="Item" className={layout.item} testId="panel-item">
        <p className={styles.note}>Choose a flip to read its item.</p>
      </Panel>
    );
  }
  const title = (
    <span className="mono">
      {shortText(flip.task, 40)}/{flip.index}
    </span>
  );
  return (
    <Panel
      title={title}
      className={layout.item}
      testId="panel-item"
      actions={
        <>
          <Chip tone={flip.kind === "lost" ? "bad" : "ok"}>
            {flip.kind === "lost" ? "right before, wrong after" : "wrong before, right after"}
          </Chip>
          <Key letter={undefined} name="base" />
          <Key letter={pair.subject.letter} name={pairWords(pair)} />
        </>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={styles.body} ref={focus} tabIndex={0} aria-label="Prompt and answers">
        <ItemBody {...{ spec, flip, pair, shown, lambda }} />
      </section>
    </Panel>
  );
}

function pairWords({ subject, lambda }: Pair): string {
  const name = shortText(subject.label, 24);
  return lambda === 1 ? name : `${name}, λ ${formatThreshold(lambda)}`;
}

function Key({ letter, name }: { letter: string | undefined; name: string }) {
  return (
    <span className={styles.key}>
      <i style={{ background: runColour(letter ?? "0") }} />
      {name}
    </span>
  );
}

function ItemBody({ spec, flip, pair, shown, lambda }: Omit<ItemPanelProps, "focus"> & { flip: Flip; pair: Pair }) {
  const engine = useEngine();
  const { data, error, isPending } = useQuery(auditItemQuery(engine, spec, flip.task, flip.index));
  if (error) return <ErrorCard error={toErrorDocument(error)} />;
  if (isPending || !data) return <Placeholder height={150} />;
  const before = data.answers.find(({ run }) => run === null);
  const after = data.answers.find((answer) => isAnswerOf(answer, pair));
  return (
    <>
      <Prompt text={data.context} />
      <table className={styles.choices}>
        <caption className="visually-hidden">Choices with their probability before and after</caption>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Letter</th>
            <th scope="col">Choice</th>
            <th scope="col">base</th>
            <th scope="col">{pairWords(pair)}</th>
          </tr>
        </thead>
        <tbody>
          {data.choices.map((choice, index) => (
            // Choices may be equal; their place is their name.
            <tr key={index} className={choiceClass(data, index, [before?.prediction, after?.prediction])}>
              <td className={styles.choiceLetter}>{choiceLetter(index)}</td>
              <td className={styles.choiceText}>
                {choiceText(choice)}
                {data.gold.includes(index) && <span className={styles.small}> right answer</span>}
              </td>
              <Probability value={before?.probabilities[index]} letter="0" chosen={before?.prediction === index} />
              <Probability
                value={after?.probabilities[index]}
                letter={pair.subject.letter ?? "0"}
                chosen={after?.prediction === index}
              />
            </tr>
          ))}
        </tbody>
      </table>
      <Others {...{ data, pair, shown, lambda }} />
    </>
  );
}

function Prompt({ text }: { text: string }) {
  const { lines, cut } = itemText(text);
  return (
    <p className={styles.prompt} data-testid="item-prompt">
      {lines.map((line, index) => (
        // Lines of one text are never reordered.
        <Fragment key={index}>
          {index > 0 && <br />}
          <bdi>{line}</bdi>
        </Fragment>
      ))}
      {cut && <span className={styles.small}> … the rest is in the task's file.</span>}
    </p>
  );
}

type Answer = ItemDetail["answers"][number];

function isAnswerOf(answer: Answer, { subject, lambda }: Pair): boolean {
  return answer.label === subject.label && answer.lambda === lambda && (lambda === 1 || answer.arm === "scale");
}

/** The right answer, and wrong ones that were given. */
function choiceClass({ gold }: ItemDetail, index: number, given: readonly (number | undefined)[]): string | undefined {
  if (gold.includes(index)) return styles.rightChoice;
  return given.includes(index) ? styles.wrongChoice : undefined;
}

function Probability({ value, letter, chosen }: { value: number | undefined; letter: string; chosen: boolean }) {
  return (
    <td className={styles.probability}>
      <span>
        <i style={{ width: `${(value ?? 0) * 84}px`, background: runColour(letter) }} aria-hidden="true" />
        <span className={chosen ? styles.given : undefined}>
          {value === undefined ? "–" : formatThreshold(round(value))}
        </span>
      </span>
    </td>
  );
}

/** Two decimals are what a bar can show. */
function round(value: number): number {
  return Number(value.toFixed(2));
}

interface OthersProps {
  data: ItemDetail;
  pair: Pair;
  shown: readonly Subject[];
  lambda: number | undefined;
}

/** What the other checkpoints on screen answered. */
function Others({ data, pair, shown, lambda }: OthersProps) {
  const others = data.answers.filter(
    (answer) =>
      answer.run !== null &&
      answer.arm === "scale" &&
      (answer.lambda === 1 || answer.lambda === lambda) &&
      !isAnswerOf(answer, pair),
  );
  return (
    <p className={styles.note}>
      {others.map((answer) => {
        const subject = shown.find(({ label }) => label === answer.label);
        const right = data.gold.includes(answer.prediction) ? "right" : "wrong";
        const at = answer.lambda === 1 ? "" : ` at λ ${formatThreshold(answer.lambda)}`;
        return (
          <Fragment key={`${answer.label} ${answer.lambda}`}>
            <span className={styles.other}>
              {subject ? <RunBadge letter={subject.letter} /> : shortText(answer.label, 24)}
              {at} {choiceLetter(answer.prediction)}, {right}
            </span>
            {" · "}
          </Fragment>
        );
      })}
      Bars: probability over the {data.choices.length} answers.
    </p>
  );
}
