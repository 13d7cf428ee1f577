/** Small multiples of E(k), one panel per run; together they are one picture to take away. */
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useShelved } from "../../../charts/chart-shelf.tsx";
import { chartNames } from "../model/chart-names.ts";
import styles from "../spectra.module.css";
import type { RunSpectra, SpectraModel } from "../use-spectra.ts";
import { FanPanel } from "./fan-panel.tsx";

export function Fans({ model }: { model: SpectraModel }) {
  const navigate = useNavigate();
  const [element, setElement] = useState<HTMLElement | null>(null);
  const table = useMemo(() => fansTable(model.spectra), [model.spectra]);
  useShelved(element, chartNames.fans, "E(k) of every run", table);
  const size = Math.max(1, ...model.spectra.flatMap(({ curves }) => curves.map((curve) => curve.size)));
  const open = (run: string, module: string) =>
    void navigate({ to: "/inspector/$run/m/$name", params: { run, name: module } });
  return (
    <div ref={setElement} className={styles.fans} data-count={model.spectra.length}>
      {model.spectra.map((spectra) => (
        <FanPanel key={spectra.run.id} model={model} spectra={spectra} size={size} onOpen={open} />
      ))}
    </div>
  );
}

function fansTable(spectra: readonly RunSpectra[]) {
  return {
    columns: ["run", "module", "layer", "k", "energy"],
    rows: spectra.flatMap(({ run, curves }) =>
      curves.flatMap(({ name, layer, k, energy }) =>
        k.map((count, index) => [run.label, name, layer, count, energy[index] ?? null]),
      ),
    ),
  };
}
