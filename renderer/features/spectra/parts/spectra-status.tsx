/** What the status bar says while Spectra & rank is shown. */
import { Kbd } from "../../../widgets/kbd.tsx";
import { RunBadge } from "../../../widgets/run-badge.tsx";
import { StatusSlot } from "../../../widgets/status-slot.tsx";
import type { RunSpectra, SpectraModel } from "../use-spectra.ts";

const words: Record<string, string> = {
  factors: "from factors",
  gram: "by float64 Gram matrix",
  bidiagonal: "by bidiagonal SVD",
  zero: "zero",
};

export function SpectraStatus({ model }: { model: SpectraModel }) {
  return (
    <>
      <StatusSlot side="left">
        <b>ΔW spectra</b>
        {[...methods(model.spectra)].map(([method, letters]) => (
          <span key={method}>
            {words[method] ?? method}{" "}
            {letters.map((letter) => (
              <RunBadge key={letter} letter={letter} />
            ))}
          </span>
        ))}
      </StatusSlot>
      <StatusSlot side="right">
        <span>
          hover a line to name its layer · <Kbd keys="Alt" /> click to open it in the Inspector
        </span>
        <span>
          <Kbd keys="D" /> data table
        </span>
      </StatusSlot>
    </>
  );
}

/** Letters of the runs by the method of their spectra. */
function methods(spectra: readonly RunSpectra[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { run, rows } of spectra) {
    for (const method of new Set(rows.map((row) => row.method))) {
      if (method !== null) found.set(method, [...(found.get(method) ?? []), run.letter]);
    }
  }
  return found;
}
