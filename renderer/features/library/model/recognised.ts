/** "Recognised as": what the header and the configuration say an item is, as label and text. */
import type { AdapterSummary } from "../../../../src/contract/domain/adapter.ts";
import type { LibraryItem } from "../../../../src/contract/domain/library.ts";
import { formatNumberOf, formatParameters } from "../../../../src/contract/format.ts";
import { kindName, layersOf, settingText, weightFilesText } from "./item-facts.ts";

export interface Fact {
  label: string;
  text: string;
  /** Result of a formula, set in bold after the text. */
  value?: string;
  /** Where the text comes from. */
  source?: string;
}

export function recognisedAs(item: LibraryItem): Fact[] {
  const { inspection } = item;
  if (!inspection) return [];
  const facts: Fact[] = [{ label: "Format", text: formatOf(item) }];
  if (inspection.adapter) facts.push(...adapterFacts(inspection.adapter, layersOf(item)));
  if (inspection.checkpoint) {
    const { architecture, parameters, tensors, tied, quantisation } = inspection.checkpoint;
    facts.push({ label: "Model", text: architecture ?? "architecture not known" });
    facts.push({
      label: "Holds",
      text: `${formatParameters(parameters)} parameters in ${formatNumberOf(tensors, "tensor")}`,
    });
    if (quantisation !== null) facts.push({ label: "Quantised", text: quantisation });
    facts.push({ label: "Head", text: tied ? "shares its matrix with the embedding" : "stored" });
  }
  if (inspection.repository !== null) {
    facts.push({
      label: "From",
      text: [inspection.repository, inspection.revision?.slice(0, 12)].filter(Boolean).join(" at "),
    });
  }
  return facts;
}

function formatOf(item: LibraryItem): string {
  const files = weightFilesText(item);
  return item.kind === "adapter" ? `PEFT ${kindName(item)}, ${files}` : `safetensors, ${files}`;
}

function adapterFacts(adapter: AdapterSummary, layers: number | undefined): Fact[] {
  const facts: Fact[] = [scaleFact(adapter), { label: "Targets", text: targetsText(adapter, layers) }];
  if (adapter.variants.length > 0) facts.push({ label: "Variants", text: adapter.variants.join(", ") });
  facts.push({
    label: "Also saves",
    text: adapter.variants.includes("modules_to_save")
      ? "whole modules (modules_to_save)"
      : "nothing (modules_to_save empty)",
  });
  if (adapter.baseModel) facts.push({ label: "Names base", text: adapter.baseModel });
  return facts;
}

function scaleFact(adapter: AdapterSummary): Fact {
  const { scale, scaleFormula, alpha, rank, variants } = adapter;
  const rslora = scaleFormula.includes("√");
  const source = `adapter_config.json: lora_alpha, r; use_rslora ${rslora}`;
  if (scale === null || alpha === null || rank === null) {
    return { label: "Scale", text: `${inLetters(scaleFormula)}, by module`, source };
  }
  const patterns = variants.filter((variant) => variant.endsWith("_pattern"));
  const where = patterns.length > 0 ? `${source}; ${patterns.join(", ")} change it for some modules` : source;
  const text = `${inLetters(scaleFormula)} = ${settingText(alpha)} / ${rslora ? "√" : ""}${rank} = `;
  return { label: "Scale", text, value: settingText(scale), source: where };
}

function inLetters(formula: string): string {
  return formula.replace("lora_alpha", "α");
}

function targetsText({ targets }: AdapterSummary, layers: number | undefined): string {
  const kinds = formatNumberOf(targets.length, "kind");
  return layers === undefined ? kinds : `${kinds} × ${formatNumberOf(layers, "layer")}`;
}
