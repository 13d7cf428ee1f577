/** What one location is, from headers and configuration only. */
import type { Inspection, Role } from "../contract/domain/checkpoint.ts";
import { factorNames, summarizeAdapter } from "./adapter/adapter.ts";
import type { AdapterPackage, Checkpoint, Opened, Tensor } from "./checkpoint/checkpoint.ts";
import { unknown } from "./checkpoint/families/unknown.ts";
import { open } from "./checkpoint/open.ts";
import { elements } from "./checkpoint/read-tables.ts";

/** Throws what opening throws, and for an adapter the refusals of its family. */
export async function inspect(location: string): Promise<Inspection> {
  return describeOpened(await open(location));
}

/** Throws for an adapter the refusals of its family. */
export function describeOpened(opened: Opened): Inspection {
  const { source, kind, alerts } = opened;
  return {
    path: source.location,
    kind,
    files: filesRead(opened),
    revision: source.revision ?? null,
    repository: source.repository ?? null,
    checkpoint: opened.kind === "full" ? describeCheckpoint(opened) : null,
    adapter: opened.kind === "adapter" ? describeAdapter(opened) : null,
    roles: opened.kind === "full" ? countRoles(opened.tensors.values(), opened.family.role) : adapterRoles(opened),
    hub: null,
    alerts,
  };
}

const CONFIGURATIONS = { full: "config.json", adapter: "adapter_config.json" } as const;

function filesRead({ kind, source, tensors }: Opened): Inspection["files"] {
  const paths = new Set([...tensors.values()].map((tensor) => tensor.path));
  return source.files
    .filter((file) => paths.has(file.path) || file.name === CONFIGURATIONS[kind])
    .map((file) => ({ name: file.name, bytes: file.size }));
}

function describeCheckpoint(checkpoint: Checkpoint): Inspection["checkpoint"] {
  const { source, fingerprint, config, family, parameters, dtype, tensors, tiedHead } = checkpoint;
  return {
    path: source.location,
    fingerprint,
    architecture: config?.architecture ?? null,
    family: family.name === "unknown" ? null : family.name,
    parameters,
    dtype,
    layers: config?.layers ?? countLayers(checkpoint),
    tied: tiedHead,
    tensors: tensors.size,
    quantisation: checkpoint.quantised ?? checkpoint.dequantised ?? null,
  };
}

function countLayers({ tensors, family }: Checkpoint): number {
  const layers = [...tensors.keys()].map((name) => family.role(name).layer).filter((layer) => layer !== null);
  return new Set(layers).size;
}

function describeAdapter(adapter: AdapterPackage): Inspection["adapter"] {
  const { fingerprint, parameters, dtype } = adapter;
  return { ...summarizeAdapter(adapter), fingerprint, parameters, dtype };
}

/** Parts behind which a module's name ends, whatever the family. */
const MARKERS: ReadonlySet<string> = new Set(["token_adapter", "base_layer"]);

/** Rows such as `q_proj.lora_A`: the module's kind, then the factor; what all modules share stands alone. */
function adapterRoles(adapter: AdapterPackage): Inspection["roles"] {
  const factors = factorNames(adapter);
  return countRoles(adapter.tensors.values(), (key) => {
    const name = key.replace(/^base_model\.(model\.)?/, "");
    const parts = name.split(".");
    const place = parts.findIndex((part) => factors.has(part) || MARKERS.has(part));
    if (place === -1) return unknown.role(name);
    const factor = parts
      .slice(place)
      .join(".")
      .replace(/\.weight$/, "");
    if (place === 0) return { ...unknown.role(name), kind: factor };
    const role = unknown.role(parts.slice(0, place).join("."));
    return { ...role, kind: `${role.kind}.${factor}` };
  });
}

type Row = Inspection["roles"][number];

/** One row for every kind and shape, in the order in which the kinds first occur. */
function countRoles(tensors: Iterable<Tensor>, roleOf: (name: string) => Role): Row[] {
  const rows = new Map<string, { row: Row; layers: Set<number> }>();
  for (const { name, shape, dtype } of tensors) {
    const { kind, group, layer } = roleOf(name);
    const key = JSON.stringify([kind, group, shape]);
    const entry = rows.get(key) ?? { row: emptyRow(kind, group, shape), layers: new Set() };
    entry.row.tensors += 1;
    entry.row.parameters += elements(shape);
    if (!entry.row.dtypes.includes(dtype)) entry.row.dtypes.push(dtype);
    if (layer !== null) entry.layers.add(layer);
    rows.set(key, entry);
  }
  return [...rows.values()].map(({ row, layers }) => ({ ...row, layers: writeRanges([...layers]) }));
}

function emptyRow(kind: string, group: Role["group"], shape: number[]): Row {
  return { kind, group, tensors: 0, parameters: 0, shape, dtypes: [], layers: null };
}

/** `0-3, 5` for 0, 1, 2, 3 and 5; null for no numbers. */
export function writeRanges(numbers: number[]): string | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  const starts = sorted.filter((number, index) => index === 0 || number !== (sorted[index - 1] as number) + 1);
  const ends = sorted.filter((number, index) => sorted[index + 1] !== number + 1);
  const ranges = starts.map((start, index) => (start === ends[index] ? `${start}` : `${start}-${ends[index]}`));
  return ranges.length === 0 ? null : ranges.join(", ");
}
