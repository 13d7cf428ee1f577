/** What the doctor found on this machine: Node, the addon, the workspace, Python. */
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX, type TablerIcon } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { DoctorLine } from "../../../src/contract/api.ts";
import { useEngine } from "../../client/engine.ts";
import { doctorQuery } from "../../client/queries.ts";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { FileText } from "../../widgets/file-text.tsx";
import { Placeholder } from "../../widgets/placeholder.tsx";
import { Row } from "./row.tsx";
import styles from "./settings-view.module.css";

const icons: Record<DoctorLine["status"], TablerIcon> = {
  ok: IconCircleCheck,
  warning: IconAlertTriangle,
  missing: IconCircleX,
};

export function ChecksSection() {
  const engine = useEngine();
  const { data, error, refetch, isFetching } = useQuery(doctorQuery(engine));
  if (error) return <ErrorCard error={toErrorDocument(error)} />;
  if (!data) return <Placeholder height={180} />;
  return (
    <>
      {data.map((line) => (
        <Row key={line.check} name={line.check} note={line.remedy}>
          <Finding line={line} />
        </Row>
      ))}
      <div className={styles.foot}>
        <Button onClick={() => refetch()} loading={isFetching}>
          Check again
        </Button>
      </div>
    </>
  );
}

function Finding({ line }: { line: DoctorLine }) {
  const Icon = icons[line.status];
  return (
    <span className={`${styles.finding} ${styles[line.status]}`}>
      <Icon size={16} stroke={1.4} role="img" aria-label={line.status} />
      <FileText text={line.detail} />
    </span>
  );
}
