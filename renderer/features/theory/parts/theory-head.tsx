/** What is shown, link and export. */
import { useHost } from "../../../host/host.ts";
import { CopyLink } from "../../../widgets/copy-link.tsx";
import { ExportMenu } from "../../../widgets/export-menu.tsx";
import { PageHead } from "../../../widgets/page-head.tsx";
import { Segmented } from "../../../widgets/segmented.tsx";
import styles from "../theory.module.css";
import { useTheoryExports } from "../use-exports.ts";
import type { FigureModel } from "../use-figure.ts";
import type { TheoryModel } from "../use-theory.ts";

const parts = [
  { value: "curves", label: "Curves" },
  { value: "figures", label: "Paper’s figures" },
  { value: "notes", label: "Notes" },
] as const;

export function TheoryHead({ model, figure }: { model: TheoryModel; figure: FigureModel | undefined }) {
  const host = useHost();
  const groups = useTheoryExports(model, figure);
  const { show } = model.search;
  const part = show === undefined ? "curves" : show === "notes" ? "notes" : "figures";
  return (
    <PageHead
      title="Theory lab"
      actions={
        <>
          <Segmented
            label="What is shown"
            value={part}
            options={parts}
            onChange={(next) =>
              model.change({ show: next === "curves" ? undefined : next === "notes" ? "notes" : "1a" })
            }
          />
          <CopyLink link={() => host.link()} />
          <ExportMenu groups={groups} />
        </>
      }
    >
      <span className={styles.about}>LoRA and full fine-tuning in linear regression: when does a rank limit help?</span>
    </PageHead>
  );
}
