/** How the numbers were made: settings, files, methods, and the command that makes them again. */
import type { AnalysisDocument, RunDocument } from "../../../contract/domain/analysis.ts";
import {
  formatCount,
  formatNumberOf,
  formatSeconds,
  formatSignificant,
  formatThreshold,
} from "../../../contract/format.ts";
import { analyzeCommand } from "./command.ts";
import { html, type Markup } from "./markup.ts";

export function provenanceSection(document: AnalysisDocument): Markup {
  const { settings, provenance, base, runs } = document;
  const test = `k ${settings.k}, ε ${formatThreshold(settings.epsilon)}, ${settings.side}, seed ${settings.seed}`;
  return html`<section><h2>Provenance</h2><dl>
<dt>Test</dt><dd>${settings.quick ? "quick: no intruder test" : test}${settings.exact ? ", exact" : ""}</dd>
<dt>Meaning</dt><dd>${provenance.semantics}</dd>
<dt>Work</dt><dd>${formatNumberOf(provenance.computed, "module")} computed, ${formatCount(provenance.reused)} from the workspace, ${formatSeconds(document.seconds)}, ${formatNumberOf(settings.threads, "thread")}</dd>
<dt>Base</dt><dd><span class="name">${base.path}</span><br><code>${base.fingerprint}</code></dd>
${runs.map(runFacts)}</dl>
<pre>${analyzeCommand(document)}</pre></section>`;
}

function runFacts(run: RunDocument): Markup {
  const { adapter, pairing } = run;
  const scale = adapter?.scale == null ? "by module" : formatSignificant(adapter.scale);
  return html`<dt>${run.label}</dt><dd><span class="name">${run.path}</span><br><code>${run.fingerprint}</code>
${adapter === null ? undefined : html`<br>scale ${scale} = <code>${adapter.scaleFormula}</code>`}
<br>${formatCount(pairing.paired)} paired, ${formatCount(pairing.unpaired.length)} not paired${unpairedReasons(run)} · ΔW by ${methods(run.modules.map(({ delta }) => delta?.method))} · intruders by ${methods(run.modules.map(({ decision }) => decision?.method))}</dd>`;
}

function unpairedReasons({ pairing }: RunDocument): string {
  const counts = Map.groupBy(pairing.unpaired, ({ reason }) => reason);
  const words = [...counts].map(([reason, group]) => `${reason} ${group.length}`);
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}

/** "factors 24, gram 4", most used first. */
function methods(names: readonly (string | undefined)[]): string {
  const counts = Map.groupBy(
    names.filter((name) => name !== undefined),
    (name) => name,
  );
  const words = [...counts]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([name, group]) => `${name} ${group.length}`);
  return words.length === 0 ? "nothing" : words.join(", ");
}
