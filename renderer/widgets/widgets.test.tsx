import { MantineProvider } from "@mantine/core";
import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ReactNode, useState } from "react";
import { expect, test, vi } from "vitest";
import type { AppRun } from "../../src/contract/domain/cells.ts";
import type { Finding } from "../../src/contract/domain/finding.ts";
import { onAnnounce } from "./announce.ts";
import { Chip } from "./chip.tsx";
import { EmptyState } from "./empty-state.tsx";
import { ErrorCard, errorDetails } from "./error-card.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { FileText } from "./file-text.tsx";
import { FindingSentence } from "./finding-sentence.tsx";
import { NumberCell } from "./number-cell.tsx";
import { PageHead } from "./page-head.tsx";
import { Panel } from "./panel.tsx";
import { ProgressBar } from "./progress-bar.tsx";
import { RunBadge } from "./run-badge.tsx";
import { Segmented } from "./segmented.tsx";
import { Standing } from "./standing.tsx";
import { Term } from "./term.tsx";

function show(children: ReactNode) {
  return { user: userEvent.setup(), ...render(<MantineProvider env="test">{children}</MantineProvider>) };
}

const error = {
  code: "pairing.shape-mismatch",
  message: "q_proj is 2048 × 2048 in the base and 1536 × 1536 in “tuned”.",
  where: "layers.3.q_proj",
  retryable: false,
  tip: "Check that the tuned checkpoint was trained from this base.",
} as const;

test("a badge says its run in words; an unused item says nothing", () => {
  show(
    <>
      <RunBadge letter="B" />
      <RunBadge letter="0" />
      <RunBadge letter={null} />
    </>,
  );
  expect(screen.getAllByRole("img").map((badge) => badge.getAttribute("aria-label"))).toEqual(["Run B", "Base"]);
});

test("text from files is plain: no markup, no direction marks, no endless lines", () => {
  const hostile = `<img src=x onerror=alert(1)>\u202Eevil\u0007${"x".repeat(100_000)}`;
  show(<FileText text={hostile} />);
  const shown = screen.getByText(/^<img/);
  expect(shown.textContent).toMatch(/^<img src=x onerror=alert\(1\)>⟨U\+202E⟩evil␇x+…$/);
  expect([...(shown.textContent ?? "")].length).toBe(120);
  expect(shown.title.length).toBeLessThanOrEqual(2000);
  expect(document.querySelector("img")).toBeNull();
});

test("a finding shows runs with their letters, numbers bold, estimates with their word", () => {
  const finding: Finding = {
    id: "x",
    text: "",
    parts: [
      { run: "lora-r16" },
      { text: " has " },
      { value: 23, unit: "intruder dimensions", standing: "certified" },
      { text: ", " },
      { value: 4.2, unit: "%", standing: "estimated" },
    ],
    evidence: { view: "compare", modules: [] },
  };
  show(
    <p data-testid="sentence">
      <FindingSentence finding={finding} runs={[{ label: "lora-r16", letter: "B" } as AppRun]} />
    </p>,
  );
  const container = screen.getByTestId("sentence");
  expect(container.textContent).toBe("B lora-r16 has 23 intruder dimensions, about 4.2 %");
  expect(screen.getByRole("img").getAttribute("aria-label")).toBe("Run B");
  expect([...container.querySelectorAll("b")].map((part) => part.title)).toEqual(["certified", "estimated"]);
});

test("an error card names the problem, the place, the remedy and the code", () => {
  show(
    <ErrorCard
      error={error}
      title="These two do not belong together"
      actions={<button type="button">Other base</button>}
    />,
  );
  const card = screen.getByRole("alert");
  for (const words of [
    "These two do not",
    "1536 × 1536",
    "layers.3.q_proj",
    "trained from this base",
    "pairing.shape",
  ]) {
    expect(card.textContent).toContain(words);
  }
  expect(screen.getByRole("button", { name: "Other base" })).toBeTruthy();
  expect(errorDetails(error).split("\n")).toHaveLength(4);
});

test("copying puts the text on the clipboard and says so", async () => {
  const heard: string[] = [];
  const stop = onAnnounce((sentence) => heard.push(sentence));
  const { user } = show(<ErrorCard error={error} />);
  await user.click(screen.getByRole("button", { name: "Copy details" }));
  expect(await navigator.clipboard.readText()).toBe(errorDetails(error));
  expect(screen.getByText("Copied")).toBeTruthy();
  expect(heard).toEqual(["Copied."]);
  stop();
});

test("one choice of several, by pointer and by arrow keys", async () => {
  const chosen = vi.fn();
  function Choice() {
    const [value, setValue] = useState<"heat" | "table">("heat");
    const options = [
      { value: "heat", label: "Heatmap" },
      { value: "table", label: "Table" },
    ] as const;
    return (
      <Segmented
        label="Shown as"
        value={value}
        options={options}
        onChange={(next) => {
          chosen(next);
          setValue(next);
        }}
      />
    );
  }
  const { user } = show(<Choice />);
  expect(screen.getByRole("group", { name: "Shown as" })).toBeTruthy();
  await user.click(screen.getByRole("radio", { name: "Table" }));
  await user.keyboard("{ArrowLeft}");
  expect(chosen.mock.calls.flat()).toEqual(["table", "heat"]);
});

test("a term explains itself to the keyboard", async () => {
  const { user } = show(<Term name="intruder">Intruders</Term>);
  await user.tab();
  expect(document.activeElement?.textContent).toBe("Intruders");
  expect((await screen.findByRole("tooltip")).textContent).toContain("below ε");
});

test("an export that fails is said, and handed on", async () => {
  const failed = vi.fn();
  const heard: string[] = [];
  const stop = onAnnounce((sentence) => heard.push(sentence));
  const items = [{ label: "CSV", onSelect: () => Promise.reject(new Error("The disk is full.")) }];
  const { user } = show(<ExportMenu groups={() => [{ label: "Table", items }]} onError={failed} />);
  await user.click(screen.getByRole("button", { name: "Export" }));
  await user.click(await screen.findByRole("menuitem", { name: "CSV" }));
  await waitFor(() => expect(failed).toHaveBeenCalledWith(expect.objectContaining({ message: "The disk is full." })));
  expect(heard[0]).toContain("The disk is full.");
  stop();
});

test("parts carry their names: panel, head, progress, standing, chip, number", () => {
  const remove = vi.fn();
  show(
    <>
      <PageHead title="Compare" />
      <Panel title="Spectra">content</Panel>
      <ProgressBar label="Analysis" done={3} total={4} />
      <Standing value="estimated" />
      <Chip onRemove={remove} removeLabel="Show all layers">
        Layers 24–35
      </Chip>
      <NumberCell text="9.4" standing="estimated" />
      <EmptyState sentence="No checkpoints yet." action={<button type="button">Open demo</button>} />
    </>,
  );
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Compare");
  expect(screen.getByRole("region", { name: "Spectra" }).textContent).toContain("content");
  expect(screen.getByRole("progressbar", { name: "Analysis" }).getAttribute("aria-valuenow")).toBe("3");
  expect(screen.getByText("≈ estimated")).toBeTruthy();
  expect(screen.getByText(/9\.4/).textContent).toBe("≈ 9.4");
  act(() => void fireEvent.click(screen.getByRole("button", { name: "Show all layers" })));
  expect(remove).toHaveBeenCalledOnce();
});
