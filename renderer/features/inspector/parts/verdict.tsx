/** The sentence of the Inspector: count, energy, the yardstick of this width, and whether it is proven. */
import { Button } from "@mantine/core";
import { IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Chip } from "../../../widgets/chip.tsx";
import { Standing } from "../../../widgets/standing.tsx";
import styles from "../inspector.module.css";
import { sentenceOf } from "../model/sentence.ts";
import type { Tested } from "../model/tested.ts";
import type { ExactView } from "../use-module.ts";

interface VerdictProps {
  tested: Tested;
  shape: readonly [number, number];
  exact: ExactView;
}

export function Verdict({ tested, shape, exact }: VerdictProps) {
  const { lead, rest } = sentenceOf(tested, shape);
  const found = tested.intruders.length > 0;
  return (
    <Strip found={found}>
      <p className={styles.sentence} data-testid="inspector-sentence">
        <b>{lead}</b> {rest}
      </p>
      {tested.undecided > 0 ? <Undecided exact={exact} /> : <Standing value="certified" />}
    </Strip>
  );
}

function Undecided({ exact }: { exact: ExactView }) {
  return (
    <>
      <Chip tone="warn">undecided</Chip>
      <Button size="xs" onClick={exact.compute} loading={exact.computing}>
        Decide exactly
      </Button>
    </>
  );
}

interface UntestedProps {
  /** What was not tested: "right vectors". */
  what: string;
  action: ReactNode;
}

/** A side, or a quick run, without the test. */
export function Untested({ what, action }: UntestedProps) {
  return (
    <Strip found={false}>
      <p className={styles.sentence} data-testid="inspector-sentence">
        <b>The {what} of this module were not tested for intruders.</b> Sizes and the spectrum of ΔW are stored.
      </p>
      <Standing value="not measured" />
      {action}
    </Strip>
  );
}

function Strip({ found, children }: { found: boolean; children: ReactNode }) {
  const Icon = found ? IconInfoCircle : IconCircleCheck;
  return (
    <section className={styles.strip} aria-label="Finding">
      <Icon className={found ? styles.foundIcon : styles.calmIcon} size={16} stroke={1.4} aria-hidden="true" />
      {children}
    </section>
  );
}
