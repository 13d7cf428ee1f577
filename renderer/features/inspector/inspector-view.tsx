/** The Inspector: one matrix of one run, from the sentence down to how each number was made. */
import { Button } from "@mantine/core";
import { DeltaScopeError } from "../../../src/contract/errors.ts";
import { ChartShelf } from "../../charts/chart-shelf.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { PageHead } from "../../widgets/page-head.tsx";
import styles from "./inspector.module.css";
import { InspectorHead } from "./parts/inspector-head.tsx";
import { MeasuredModule } from "./parts/measured-module.tsx";
import { Skeleton } from "./parts/skeleton.tsx";
import { type Steps, useInspectorKeys, useSteps } from "./use-inspector-keys.ts";
import { useMeasure } from "./use-measure.ts";
import { type Place, usePlace } from "./use-place.ts";

export function InspectorView() {
  const place = usePlace();
  const steps = useSteps(place);
  useInspectorKeys(steps);
  return (
    <ChartShelf>
      <div className={styles.view} data-testid="inspector">
        <Content place={place} steps={steps} />
      </div>
    </ChartShelf>
  );
}

function Content({ place, steps }: { place: Place; steps: Steps }) {
  const { run, row, error, pending } = place;
  if (error) return <Failure place={place} />;
  if (pending) {
    return (
      <>
        {run ? <InspectorHead place={place} steps={steps} /> : <PageHead title="Inspector" />}
        <Skeleton />
      </>
    );
  }
  if (!run) return <UnknownRun id={place.address.run} />;
  if (!row || row.status === "failed") {
    return (
      <>
        <InspectorHead place={place} steps={steps} />
        <NotMeasured place={place} />
      </>
    );
  }
  // Another module is another page: nothing of the last one may stay.
  return <MeasuredModule key={`${run.id} ${row.name}`} place={place} steps={steps} run={run} row={row} />;
}

function Failure({ place }: { place: Place }) {
  return (
    <>
      <PageHead title="Inspector" />
      <div className={styles.alone}>
        <ErrorCard error={toErrorDocument(place.error)} actions={<Button onClick={place.retry}>Try again</Button>} />
      </div>
    </>
  );
}

function UnknownRun({ id }: { id: string }) {
  const message = `This workspace has no run “${id}”.`;
  return (
    <>
      <PageHead title="Inspector" />
      <div className={styles.alone}>
        <ErrorCard error={{ code: "run.not-found", message, retryable: false }} />
      </div>
    </>
  );
}

/** A layer that the base does not have cannot be measured either. */
function beyondBase({ run, row, address }: Place): string | undefined {
  const layer = Number(address.layer);
  if (!run || row || address.layer === undefined || layer < run.base.layers) return undefined;
  return `The base ${run.base.label} has ${run.base.layers} layers; there is no layer ${address.layer}.`;
}

/** The module of the address is not stored, or its measurement failed. */
function NotMeasured({ place }: { place: Place }) {
  const { run, row, address } = place;
  const measure = useMeasure(place);
  const beyond = beyondBase(place);
  const name = row?.name ?? address.name ?? `layer ${address.layer}, ${address.kind}`;
  if (row?.error) {
    const error = new DeltaScopeError(row.errorCode ?? "internal", row.error, row.name).toDocument();
    return (
      <div className={styles.alone}>
        <ErrorCard
          title={`${name} of run ${run?.letter} failed`}
          error={error}
          actions={
            <Button variant="filled" onClick={() => measure.start({ exact: true })} loading={measure.busy}>
              Measure it exactly
            </Button>
          }
        />
      </div>
    );
  }
  const elsewhere = (
    <Button onClick={() => place.own[0] && run && place.open(run.id, place.own[0])} disabled={!place.own[0]}>
      Show a measured module
    </Button>
  );
  if (beyond) {
    return (
      <div className={styles.alone}>
        <ErrorCard error={{ code: "run.not-found", message: beyond, retryable: false }} actions={elsewhere} />
      </div>
    );
  }
  const underWay = run?.state === "running" || run?.state === "waiting" || measure.started;
  return (
    <>
      <EmptyState
        title={underWay ? "Not computed yet" : "Not measured"}
        sentence={
          underWay
            ? `${name} of run ${run?.letter} is waiting its turn; it appears here when it is done.`
            : `Run ${run?.letter} has no stored result for ${name}.`
        }
        action={
          underWay ? undefined : (
            <Button variant="filled" onClick={() => measure.start({})} loading={measure.busy}>
              Measure this module
            </Button>
          )
        }
        others={elsewhere}
      />
      {measure.error !== null && <ErrorCard error={toErrorDocument(measure.error)} />}
    </>
  );
}
