/** Provenance: which files, which formula, which method with which error, and the command that makes it again. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { analyzeCommand } from "../../../../src/contract/command-line.ts";
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { shortText } from "../../../../src/contract/text.ts";
import { useEngine } from "../../../client/engine.ts";
import { libraryQuery, runDetailsQuery, workspaceQuery } from "../../../client/queries.ts";
import { CopyButton } from "../../../widgets/copy-button.tsx";
import { FileText } from "../../../widgets/file-text.tsx";
import { Panel } from "../../../widgets/panel.tsx";
import { Standing } from "../../../widgets/standing.tsx";
import {
  deltaFormula,
  errorLines,
  mergeLine,
  methodLines,
  type SourceFacts,
  sourceFacts,
  testLines,
  timeLine,
} from "../model/provenance.ts";
import type { Tested, TestSettings } from "../model/tested.ts";
import type { ExactView } from "../use-module.ts";
import styles from "./side.module.css";

/** Characters of a path in a tooltip. */
const longestPath = 400;

interface ProvenancePanelProps {
  run: AppRun;
  module: ModuleMeasures;
  settings: TestSettings;
  tested: Tested | undefined;
  exact: ExactView;
}

export function ProvenancePanel({ run, module, settings, tested, exact }: ProvenancePanelProps) {
  const engine = useEngine();
  const items = useQuery(libraryQuery(engine)).data ?? [];
  const details = useQuery(runDetailsQuery(engine, run.id)).data;
  const version = useQuery(workspaceQuery(engine)).data?.version;
  const delta = details && deltaFormula(details.adapter);
  return (
    <Panel title="Provenance" actions={<Standing value="computed" />} testId="panel-provenance">
      <dl className={styles.facts}>
        <Fact name="Base">
          <Source facts={sourceFacts(run.base.path, run.base.fingerprint, items)} />
        </Fact>
        {details && (
          <Fact name={run.kind === "adapter" ? "Adapter" : "Tuned"}>
            <Source facts={sourceFacts(run.path, details.fingerprint, items)} />
          </Fact>
        )}
        {delta && (
          <Fact name="ΔW">
            <FileText text={delta.formula} />
            <span className={styles.quiet}>
              <FileText text={delta.source} />
            </span>
          </Fact>
        )}
        <Fact name="W">{mergeLine(run)}</Fact>
        <Fact name="Method">{methodLines(module, tested, exact.map).join("; ")}</Fact>
        <Fact name="Error">{errorLines(module, tested).join("; ") || "not stated"}</Fact>
        <Fact name="Made in">
          {timeLine(module, exact.map)}
          {version && `, version ${version}`}
        </Fact>
        <Fact name="Test">
          {testLines(run, settings).map((line) => (
            <span key={line}>{line}</span>
          ))}
        </Fact>
      </dl>
      <div className={styles.buttons}>
        <CopyButton variant="default" label="Copy as command" text={() => commandOf(run, module, settings)} />
        <CopyButton variant="default" label="Copy as JSON" text={() => JSON.stringify(module, null, 2)} />
      </div>
    </Panel>
  );
}

/** The line that measures this module at the settings on screen. */
export function commandOf(run: AppRun, module: ModuleMeasures, settings: TestSettings): string {
  return analyzeCommand({
    base: run.base.path,
    tuned: [{ label: run.label, path: run.path }],
    settings: { k: settings.k, epsilon: settings.epsilon, side: settings.side, asMerged: run.asMerged },
    modules: [module.name],
  });
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Source({ facts }: { facts: SourceFacts }) {
  return (
    <>
      <span title={shortText(facts.path, longestPath)}>
        <FileText text={facts.name} mono limit={44} />
      </span>
      <span className={styles.quiet} title={`sha256 of tensor table and sampled bytes: ${facts.fingerprint}`}>
        {facts.detail}
      </span>
    </>
  );
}
