/** Progress on standard error: one redrawn line on a terminal, calm plain lines elsewhere, nothing with --quiet. */

import { formatBytes, formatCount, formatRemaining, formatSeconds, formatSignificant } from "../../contract/format.ts";
import { type Progress, presentRate } from "../../contract/progress.ts";
import { shortText } from "../../contract/text.ts";
import type { TextOutput } from "../context.ts";
import { fit } from "./width.ts";

export interface ProgressView {
  show(progress: Progress): void;
  /** Prints a line between progress lines. */
  note(line: string): void;
  /** Leaves the screen clean. */
  end(): void;
}

/** Plain lines come no closer than this, unless the phase changes. */
const plainLineSeconds = 10;
const redrawMilliseconds = 100;
const barWidth = 20;
const clearLine = "\r\u001b[2K";

const silent: ProgressView = { show: () => undefined, note: () => undefined, end: () => undefined };

export function progressView(output: TextOutput, quiet: boolean): ProgressView {
  if (quiet) return silent;
  return output.isTerminal ? barView(output) : lineView(output);
}

function barView(output: TextOutput): ProgressView {
  let drawnAt = Number.NEGATIVE_INFINITY;
  let visible = false;
  const clear = (): void => {
    if (visible) void output.write(clearLine);
    visible = false;
  };
  return {
    show(progress) {
      const now = performance.now();
      if (now - drawnAt < redrawMilliseconds && progress.done < progress.total) return;
      drawnAt = now;
      visible = true;
      void output.write(clearLine + fit(barLine(progress), (output.columns ?? 80) - 1));
    },
    note(line) {
      clear();
      void output.write(`${line}\n`);
    },
    end: clear,
  };
}

function lineView(output: TextOutput): ProgressView {
  let phase: string | undefined;
  let writtenAt = Number.NEGATIVE_INFINITY;
  return {
    show(progress) {
      const calm = performance.now() - writtenAt < plainLineSeconds * 1000;
      if (stageOf(progress) === phase && calm) return;
      phase = stageOf(progress);
      writtenAt = performance.now();
      void output.write(`${plainLine(progress)}\n`);
    },
    note(line) {
      void output.write(`${line}\n`);
    },
    end: () => undefined,
  };
}

function barLine(progress: Progress): string {
  const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
  const filled = Math.round(share * barWidth);
  const bar = "█".repeat(filled) + "░".repeat(barWidth - filled);
  return `${stageOf(progress)} ${bar} ${details(progress).join(" · ")}`;
}

function plainLine(progress: Progress): string {
  return `${stageOf(progress)}: ${details(progress).join(", ")}`;
}

/** What is done, in words where nothing can be counted yet. */
function stageOf({ phase, total, item }: Progress): string {
  return total === 0 && item !== undefined ? shortText(item) : phase;
}

/** Count, time left, rate, elapsed, item: what a narrow terminal may cut stands last. */
function details(progress: Progress): string[] {
  const { done, total, elapsedSeconds, remainingSeconds, item } = progress;
  const parts = total > 0 ? [countOf(progress)] : [];
  if (remainingSeconds !== undefined && done < total) parts.push(formatRemaining(remainingSeconds));
  const rate = rateOf(progress);
  if (rate !== undefined) parts.push(rate);
  parts.push(formatSeconds(elapsedSeconds));
  if (item !== undefined && total > 0) parts.push(shortText(item));
  return parts;
}

function countOf({ done, total, unit }: Progress): string {
  return unit === "bytes"
    ? `${formatBytes(done)} of ${formatBytes(total)}`
    : `${formatCount(done)}/${formatCount(total)} ${unit}`;
}

/** Of a download only what comes now counts: a part may have been here before. */
function rateOf(progress: Progress): string | undefined {
  const { done, unit, elapsedSeconds } = progress;
  const sinceStart = done > 0 && elapsedSeconds > 0 ? done / elapsedSeconds : undefined;
  if (unit !== "bytes") return sinceStart === undefined ? undefined : `${formatSignificant(sinceStart, 2)}/s`;
  const rate = progress.phase === "download" ? presentRate(progress) : sinceStart;
  return rate === undefined ? undefined : `${formatBytes(rate)}/s`;
}
