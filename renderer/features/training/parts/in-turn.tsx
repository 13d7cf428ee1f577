/** Panels of the live page, each drawn in its turn and only when the run went on. */
import { type FunctionComponent, memo } from "react";
import type { TrainingHistory } from "../../../../src/contract/domain/training.ts";
import { useInTurn } from "../../../widgets/in-turn.ts";

export interface PanelProps {
  history: TrainingHistory;
}

export function inTurn(turn: number, panel: FunctionComponent<PanelProps>): FunctionComponent<PanelProps> {
  const Panel = memo(panel);
  return function InTurn({ history }: PanelProps) {
    return <Panel history={useInTurn(history, turn)} />;
  };
}
