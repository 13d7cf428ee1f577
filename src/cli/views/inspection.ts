/** What `inspect` says of one path. */
import type { AdapterSummary } from "../../contract/domain/adapter.ts";
import type { Inspection } from "../../contract/domain/checkpoint.ts";
import {
  formatBytes,
  formatCount,
  formatNumberOf,
  formatParameters,
  formatSignificant,
} from "../../contract/format.ts";
import { shortText, visibleText } from "../../contract/text.ts";
import type { Style } from "../terminal/style.ts";
import { type Column, tableLines } from "../terminal/table.ts";
import { fit, padEnd, wrap } from "../terminal/width.ts";
import { alertLines } from "./alerts.ts";

const labelWidth = 14;

const roleColumns: readonly Column[] = [
  { title: "role", align: "left", flexible: { minimum: 10 } },
  { title: "tensors", align: "right" },
  { title: "parameters", align: "right" },
  { title: "shape", align: "right" },
  { title: "dtype", align: "left", flexible: { minimum: 4 } },
  { title: "layers", align: "left", flexible: { minimum: 6 }, droppable: 1 },
];

export function inspectionText(item: Inspection, width: number, style: Style): string {
  const blocks = [
    [style.bold(fit(visibleText(item.path), width)), ...factLines(item, width)],
    roleLines(item, width, style),
    alertLines(item.alerts, width, style),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

function factLines(item: Inspection, width: number): string[] {
  const facts = [
    ["kind", kindOf(item)],
    ...checkpointFacts(item),
    ...adapterFacts(item.adapter),
    ["files", filesOf(item)],
  ];
  facts.push(...hubFactsOf(item.hub));
  if (item.repository !== null) facts.push(["from", `${item.repository} ${item.revision ?? ""}`]);
  return facts.flatMap(([label = "", value = ""]) =>
    wrap(padEnd(label, labelWidth) + visibleText(value), width, " ".repeat(labelWidth)),
  );
}

function kindOf(item: Inspection): string {
  return item.kind === "adapter" ? `adapter (${item.adapter?.type ?? "unknown"})` : "full checkpoint";
}

function checkpointFacts({ checkpoint, roles }: Inspection): string[][] {
  if (checkpoint === null) return [];
  const { architecture, layers, parameters, dtype, tied, tensors, quantisation } = checkpoint;
  const head = roles.some(({ group }) => group === "head") ? "stored" : "not stored";
  return [
    ["architecture", `${architecture ?? "unknown"}, ${formatNumberOf(layers, "layer")}`],
    ["parameters", `${formatParameters(parameters)} in ${formatNumberOf(tensors, "tensor")}, ${dtype}`],
    ...(quantisation === null ? [] : [["quantised", quantisation]]),
    ["head", tied ? "shares its matrix with the embedding" : head],
  ];
}

function adapterFacts(adapter: Inspection["adapter"]): string[][] {
  if (adapter === null) return [];
  const facts = [
    ["rank", adapter.rank === null ? "–" : String(adapter.rank)],
    ["scale", scaleOf(adapter)],
    ["targets", adapter.targets.map((target) => shortText(target)).join(", ") || "–"],
    ["parameters", [formatParameters(adapter.parameters), adapter.dtype].filter(Boolean).join(", ")],
    ["base", adapter.baseModel ?? "not named"],
  ];
  if (adapter.variants.length > 0) facts.splice(2, 0, ["variants", adapter.variants.join(", ")]);
  return facts;
}

function scaleOf({ scale, scaleFormula, alpha, rank }: AdapterSummary): string {
  const alphaName = /\w*alpha/u.exec(scaleFormula)?.[0] ?? "alpha";
  const settings = [alpha === null ? "" : `${alphaName} ${alpha}`, rank === null ? "" : `r ${rank}`].filter(Boolean);
  const value = scale === null ? "by module" : formatSignificant(scale);
  if (scaleFormula === "1") return scaleFormula;
  return `${value} = ${scaleFormula}${settings.length > 0 ? ` (${settings.join(", ")})` : ""}`;
}

function filesOf({ files }: Inspection): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return `${formatNumberOf(files.length, "file")}, ${formatBytes(bytes)}`;
}

/** What a download would bring, and on which terms. */
function hubFactsOf(hub: Inspection["hub"]): string[][] {
  if (hub === null) return [];
  const loading = `${formatNumberOf(hub.files.length, "file")}, ${formatBytes(hub.bytes)}`;
  const missing = hub.missingBytes < hub.bytes ? `, ${formatBytes(hub.missingBytes)} of them not here yet` : "";
  return [
    ["licence", hub.licence ?? "not named"],
    ["access", hub.gated ? "only for those who accepted the model's terms" : "open"],
    ["download", `${loading}${missing}`],
  ];
}

function roleLines({ roles }: Inspection, width: number, style: Style): string[] {
  if (roles.length === 0) return [];
  const rows = roles.map(({ kind, tensors, parameters, shape, dtypes, layers }) => [
    shortText(kind, 40),
    formatCount(tensors),
    formatParameters(parameters),
    shape.join(" × "),
    shortText(dtypes.join(", "), 40),
    shortText(layers ?? "–", 40),
  ]);
  const [head = "", ...lines] = tableLines(roleColumns, rows, width);
  return [style.dim(head), ...lines];
}
