/** The Library: what this workspace knows of, and the way into a comparison. */
import { Button, TextInput } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, type RefObject, useRef } from "react";
import type { LibraryItem } from "../../../src/contract/domain/library.ts";
import { formatBytes, formatCount, formatNumberOf } from "../../../src/contract/format.ts";
import { useEngine } from "../../client/engine.ts";
import { libraryQuery, settingsQuery, workspaceQuery } from "../../client/queries.ts";
import { ErrorCard } from "../../widgets/error-card.tsx";
import { toErrorDocument } from "../../widgets/error-document.ts";
import { PageHead } from "../../widgets/page-head.tsx";
import { Panel } from "../../widgets/panel.tsx";
import { Placeholder } from "../../widgets/placeholder.tsx";
import { useTypedText } from "../../widgets/use-typed-text.ts";
import styles from "./library-view.module.css";
import { totalBytes } from "./model/item-facts.ts";
import { BaseSheet } from "./parts/base-sheet.tsx";
import { ComparisonFailures } from "./parts/comparison-failures.tsx";
import { DemoStrip } from "./parts/demo-strip.tsx";
import { DropZone } from "./parts/drop-zone.tsx";
import { EmptyLibrary } from "./parts/empty-library.tsx";
import { HubSheet } from "./parts/hub-sheet.tsx";
import { ItemPanel } from "./parts/item-panel.tsx";
import { LibraryStatus } from "./parts/library-status.tsx";
import { LibraryTable } from "./parts/library-table.tsx";
import { OutcomeNotice } from "./parts/outcome-notice.tsx";
import { useLibraryKeys } from "./use-library-keys.ts";
import { type LibraryPage, useLibraryPage } from "./use-library-page.ts";
import { useWindowDrop } from "./use-window-drop.ts";

export function LibraryView() {
  const engine = useEngine();
  const library = useQuery(libraryQuery(engine));
  if (library.data) return <LoadedLibrary items={library.data} />;
  const retry = (
    <Button size="xs" onClick={() => library.refetch()}>
      Try again
    </Button>
  );
  return (
    <Frame head={<PageHead title="Library" />}>
      {library.error ? (
        <ErrorCard error={toErrorDocument(library.error)} actions={retry} />
      ) : (
        <>
          <Placeholder height={54} />
          <Placeholder height={320} />
        </>
      )}
    </Frame>
  );
}

function Frame({ head, children, side }: { head: ReactNode; children: ReactNode; side?: ReactNode }) {
  return (
    <div className={styles.view}>
      {head}
      <div className={`${styles.body} ${side ? "" : styles.single}`}>
        <div className={styles.column}>{children}</div>
        {side}
      </div>
    </div>
  );
}

function LoadedLibrary({ items }: { items: readonly LibraryItem[] }) {
  const page = useLibraryPage(items);
  const filter = useRef<HTMLInputElement>(null);
  const over = useWindowDrop({
    onPaths: (paths) => page.acts.add.mutate(paths),
    onPathless: () => page.acts.setOutcome({ type: "no-path" }),
  });
  useLibraryKeys(page, filter);
  const { current, comparison } = page;
  const side = current && (
    <ItemPanel
      item={current}
      items={items}
      run={page.currentRun}
      onShow={page.place.setCursor}
      onOpen={page.open}
      onRemedy={page.remedy}
      onUseAsBase={({ id }) => page.acts.assignBase.mutate({ item: id, base: null })}
    />
  );
  return (
    <Frame head={<Head page={page} filter={filter} />} side={side}>
      {items.length > 0 && <Places page={page} over={over} />}
      <OutcomeNotice page={page} />
      <ComparisonFailures
        failures={comparison.failures}
        items={items}
        onPair={page.pair}
        onOtherBase={page.setBaseSought}
        onOpenRuns={comparison.openRuns}
        onForget={comparison.forget}
      />
      {items.length > 0 ? <ItemTable page={page} /> : <EmptyLibrary page={page} over={over} />}
      {page.folders.sheet}
      <BaseSheet
        item={page.baseSought}
        items={items}
        onClose={() => page.setBaseSought(undefined)}
        onPair={page.pair}
        onChooseFolder={page.folders.choose}
        onLook={page.lookForBase}
      />
      <HubSheet
        model={page.hub.model}
        starting={page.hub.download.isPending}
        onDownload={(model) => page.hub.download.mutate(model)}
        onClose={page.hub.close}
      />
      <LibraryStatus items={items} picked={page.place.picked.size} />
    </Frame>
  );
}

function Head({ page, filter }: { page: LibraryPage; filter: RefObject<HTMLInputElement | null> }) {
  const { items, choice, comparison, place } = page;
  const [typed, setTyped] = useTypedText(place.search.q ?? "", place.setFilter);
  const count = choice.comparison?.tuned.length ?? 0;
  const compare = (
    <Button
      variant="filled"
      disabled={!choice.comparison}
      loading={comparison.opening !== undefined}
      title={choice.comparison ? undefined : choice.reason}
      onClick={() => choice.comparison && comparison.compare(choice.comparison)}
    >
      {count > 0 ? `Compare ${formatNumberOf(count, "run")}` : "Compare runs"}
    </Button>
  );
  const field = (
    <TextInput
      ref={filter}
      className={styles.filter}
      type="search"
      aria-label="Filter by name, kind or problem"
      placeholder="Filter by name, kind or problem"
      leftSection={<IconFilter size={14} stroke={1.4} aria-hidden="true" />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
  return (
    <PageHead title="Library" actions={[<span key="filter">{field}</span>, <span key="compare">{compare}</span>]}>
      {items.length > 0 && (
        <span className={styles.note}>
          {formatNumberOf(items.length, "item")} · {formatBytes(totalBytes(items))} on disk · nothing is copied
        </span>
      )}
    </PageHead>
  );
}

function Places({ page, over }: { page: LibraryPage; over: boolean }) {
  const engine = useEngine();
  const settings = useQuery(settingsQuery(engine)).data;
  const workspace = useQuery(workspaceQuery(engine)).data;
  const { acts, folders, items } = page;
  const opened = items.some(({ path }) => workspace && isDemo(path, workspace.folder));
  const offered = settings !== undefined && workspace !== undefined && !settings.demoDismissed && !opened;
  return (
    <>
      {offered && (
        <DemoStrip
          opening={acts.openDemo.isPending}
          onOpen={() => acts.openDemo.mutate()}
          onDismiss={acts.dismissDemo}
        />
      )}
      <DropZone
        over={over}
        adding={acts.add.isPending}
        scanning={acts.scan.isPending}
        onChoose={folders.choose}
        onScan={() => acts.scan.mutate()}
        looking={page.hub.look.isPending}
        onHubAddress={(address) => page.hub.look.mutate(address)}
      />
    </>
  );
}

/** The demo is copied into the workspace's folder; what users open lies elsewhere. */
function isDemo(path: string, workspace: string): boolean {
  const slashes = (text: string) => text.replaceAll("\\", "/");
  return slashes(path).startsWith(`${slashes(workspace).replace(/\/+$/, "")}/demo/`);
}

function ItemTable({ page }: { page: LibraryPage }) {
  const { rows, items, place } = page;
  return (
    <Panel label="Checkpoints and adapters" flush className={styles.table}>
      <LibraryTable
        rows={rows}
        items={items}
        jobs={page.jobs}
        cursor={page.cursor}
        picked={place.picked}
        onCursor={place.setCursor}
        onPick={page.pick}
        onToggle={(group) => page.setOpen(group, !isOpen(page, group.id))}
        onOpen={page.open}
        onRemedy={page.remedy}
      />
      {rows.length === 0 && (
        <p className={styles.hint}>
          None of {formatCount(items.length)} items matches “{place.search.q}”.{" "}
          <Button size="xs" variant="default" onClick={() => place.setFilter("")}>
            Show all
          </Button>
        </p>
      )}
    </Panel>
  );
}

function isOpen(page: LibraryPage, group: string): boolean {
  return page.rows.some((row) => row.type === "group" && row.group.id === group && row.open);
}
