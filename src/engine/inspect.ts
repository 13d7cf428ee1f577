/** What one location is, from headers and configuration only. */
import type { Inspection, Role } from "../contract/domain/checkpoint.ts";
import { factorNames, summarizeAdapter } from "./adapter/adapter.ts";
import type { AdapterPackage, Checkpoint, Opened, Tensor } from "./checkpoint/checkpoint.ts";
import { unknown } from "./checkpoint/families/unknown.ts";
import { open } from "./checkpoint/open.ts";
import { elements } from "./checkpoint/read-tables.ts";
import { inTurns, mapInTurns, runInTurns } from "./turns.ts";

/** Throws what opening throws, and for an adapter the refusals of its family. */
export async function inspect(location: string): Promise<Inspection> {
  return describeOpened(await open(location));
}

/** Throws for an adapter the refusals of its family. */
export async function describeOpened(opened: Opened): Promise<Inspection> {
  const { source, kind, alerts } = opened;
  return {
    path: source.location,
    kind,
    files: await filesRead(opened),
    revision: source.revision ?? null,
    repository: source.repository ?? null,
    checkpoint: opened.kind === "full" ? await describeCheckpoint(opened) : null,
    adapter: opened.kind === "adapter" ? await describeAdapter(opened) : null,
    roles: await (opened.kind === "full" ? countRoles(opened.tensors, opened.family.role) : adapterRoles(opened)),
    hub: null,
    alerts,
  };
}

const CONFIGURATIONS = { full: "config.json", adapter: "adapter_config.json" } as const;

async function filesRead({ kind, source, tensors }: Opened): Promise<Inspection["files"]> {
  const paths = new Set(await mapInTurns(tensors.values(), (tensor) => tensor.path));
  return source.files
    .filter((file) => paths.has(file.path) || file.name === CONFIGURATIONS[kind])
    .map((file) => ({ name: file.name, bytes: file.size }));
}

async function describeCheckpoint(checkpoint: Checkpoint): Promise<Inspection["checkpoint"]> {
  const { source, fingerprint, config, family, parameters, dtype, tensors, tiedHead } = checkpoint;
  return {
    path: source.location,
    fingerprint,
    architecture: config?.architecture ?? null,
    family: family.name === "unknown" ? null : family.name,
    parameters,
    dtype,
    layers: config?.layers ?? (await countLayers(checkpoint)),
    tied: tiedHead,
    tensors: tensors.size,
    quantisation: checkpoint.quantised ?? checkpoint.dequantised ?? null,
  };
}

async function countLayers({ tensors, family }: Checkpoint): Promise<number> {
  const layers = new Set(await mapInTurns(tensors.keys(), (name) => family.role(name).layer));
  layers.delete(null);
  return layers.size;
}

async function describeAdapter(adapter: AdapterPackage): Promise<Inspection["adapter"]> {
  const { fingerprint, parameters, dtype } = adapter;
  return { ...(await runInTurns(summarizeAdapter(adapter))), fingerprint, parameters, dtype };
}

/** Parts behind which a module's name ends, whatever the family. */
const MARKERS: ReadonlySet<string> = new Set(["token_adapter", "base_layer"]);

/** Rows such as `q_proj.lora_A`: the module's kind, then the factor; what all modules share stands alone. */
function adapterRoles(adapter: AdapterPackage): Promise<Inspection["roles"]> {
  const factors = factorNames(adapter);
  return countRoles(adapter.tensors, (key) => {
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

/** Most rows of the table; real checkpoints have some dozen. What comes later is counted in one row of `other`. */
export const ROLE_ROWS_MAXIMUM = 1000;

/** One row for every kind and shape, in the order in which the kinds first occur. */
async function countRoles(
  tensors: ReadonlyMap<string, Tensor>,
  roleOf: (name: string) => Role,
): Promise<Inspection["roles"]> {
  const rows = new Map<string, Counted>();
  for await (const part of inTurns(tensors.values())) for (const tensor of part) count(rows, tensor, roleOf);
  return mapInTurns(rows.values(), ({ row, layers }) => ({ ...row, layers: writeRanges([...layers]) }));
}

/** Key of the row that takes what finds no room. */
const POOL = "other";

interface Counted {
  row: Row;
  layers: Set<number>;
}

function count(rows: Map<string, Counted>, { name, shape, dtype }: Tensor, roleOf: (name: string) => Role): void {
  const { kind, group, layer } = roleOf(name);
  const own = JSON.stringify([kind, group, shape]);
  const isPooled = rows.size >= ROLE_ROWS_MAXIMUM - 1 && !rows.has(own);
  const key = isPooled ? POOL : own;
  const first = isPooled ? emptyRow("other", "other", []) : emptyRow(kind, group, shape);
  const { row, layers } = rows.get(key) ?? { row: first, layers: new Set<number>() };
  row.tensors += 1;
  row.parameters += elements(shape);
  if (!row.dtypes.includes(dtype)) row.dtypes.push(dtype);
  if (layer !== null) layers.add(layer);
  rows.set(key, { row, layers });
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
