/** Files of an item with their sizes, where they lie, and the fingerprint that its analyses are stored under. */
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { formatBytes, formatNumberOf } from "../../../../src/contract/format.ts";
import { CopyButton } from "../../../widgets/copy-button.tsx";
import { FileText } from "../../../widgets/file-text.tsx";
import styles from "./item-panel.module.css";

/** A model of many shards would push everything else away. */
const shownFiles = 8;

export function FilesSection({ item }: { item: LibraryItem }) {
  const files = item.inspection?.files ?? [];
  const fingerprint = item.inspection?.checkpoint?.fingerprint ?? item.inspection?.adapter?.fingerprint;
  return (
    <section className={styles.section}>
      <h3 className={styles.heading}>Files</h3>
      <dl className={styles.files}>
        {files.slice(0, shownFiles).map(({ name, bytes }) => (
          <div key={name} className={styles.file}>
            <dt>
              <FileText text={name} limit={48} mono />
            </dt>
            <dd>{formatBytes(bytes)}</dd>
          </div>
        ))}
      </dl>
      {files.length > shownFiles && (
        <p className={styles.quiet}>and {formatNumberOf(files.length - shownFiles, "other")}</p>
      )}
      <p className={styles.path}>
        <FileText text={item.path} limit={200} />
        {fingerprint && (
          <>
            {" · "}
            <span title={`Fingerprint of header, sizes and configuration: ${fingerprint}`}>
              fingerprint {fingerprint.slice(0, 4)}…{fingerprint.slice(-4)}
            </span>
          </>
        )}
        <CopyButton label="Copy path" text={item.path} iconOnly variant="transparent" />
      </p>
    </section>
  );
}
