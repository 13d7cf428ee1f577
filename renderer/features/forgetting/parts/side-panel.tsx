/** Beside the table: the λ sweep, the confounds, and the stages of a chain of fine-tunes. */
import type { AuditDocument } from "../../../../src/contract/domain/audit.ts";
import { Panel } from "../../../widgets/panel.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import { Term } from "../../../widgets/term.tsx";
import styles from "../forgetting.module.css";
import type { ForgettingModel } from "../use-forgetting.ts";
import { ConfoundsBody } from "./confounds.tsx";
import { StagesBody } from "./stages.tsx";
import { SweepBody, SweepTools } from "./sweep-panel.tsx";

const titles = {
  sweep: <Term name="lambda">λ sweep</Term>,
  confounds: "Confounds",
  stages: "Stages",
};

export function SidePanel({ model, document }: { model: ForgettingModel; document: AuditDocument }) {
  const { search, change } = model;
  const asked = search.panel ?? "sweep";
  const side = asked === "stages" && document.stages.length === 0 ? "sweep" : asked;
  return (
    <Panel
      title={titles[side]}
      className={styles.sidePanel}
      testId={`panel-${side}`}
      actions={
        <>
          {side === "sweep" && <SweepTools model={model} />}
          <Segmented
            small
            label="Panel"
            value={side}
            options={[
              { value: "sweep", label: "Sweep" },
              { value: "confounds", label: "Confounds" },
              ...(document.stages.length > 0 ? [{ value: "stages" as const, label: "Stages" }] : []),
            ]}
            onChange={(next) => change({ panel: next === "sweep" ? undefined : next }, true)}
          />
        </>
      }
    >
      {side === "sweep" && <SweepBody model={model} document={document} />}
      {side === "confounds" && <ConfoundsBody document={document} />}
      {side === "stages" && <StagesBody document={document} />}
    </Panel>
  );
}
