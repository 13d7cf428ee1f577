/** Training data named by its id on the Hugging Face Hub, from the local cache: nothing is downloaded. */
import { extname, join } from "node:path";
import type { HubNeed } from "../../../contract/domain/hub.ts";
import type { RunConfig } from "../../../contract/domain/training.ts";
import { isDatasetAddress, parseDataset } from "../../../contract/hub-id.ts";
import { isBelow, listDatasetFiles } from "../../source/dataset-files.ts";
import { datasetSnapshot } from "../../source/hub-cache.ts";
import { quote } from "../../source/quote.ts";
import { error, type Problem } from "./check-base.ts";
import { endings } from "./check-files.ts";

type DataFile = RunConfig["data"]["files"][number];
/** What of a data set is wanted. */
type Rows = Pick<DataFile, "format" | "split">;

export interface CachedData {
  config: RunConfig;
  problems: Problem[];
  missing: HubNeed[];
}

/** Every entry that is an id as the files of its format and split; files stay. */
export async function withCachedData(config: RunConfig): Promise<CachedData> {
  const placed = await Promise.all(config.data.files.map(placeFile));
  const files = placed.flatMap((one) => one.files);
  return {
    config: { ...config, data: { ...config.data, files } },
    problems: placed.flatMap((one) => one.problems),
    missing: placed.flatMap((one) => one.missing),
  };
}

/** Whether it is an id; what is a path was made absolute before. */
export function isDatasetId(path: string): boolean {
  return (
    isDatasetAddress(path) || (!path.startsWith("/") && parseDataset(path) !== undefined && !/^[A-Za-z]:/.test(path))
  );
}

/** Which of the names hold the rows that a recipe asks for. */
export function filesOfRows(names: readonly string[], { format, split }: Rows): string[] {
  return ofSplit(
    names.filter((name) => endings[format].includes(extname(name).toLowerCase())),
    split,
  );
}

async function placeFile(
  file: DataFile,
  index: number,
): Promise<{ files: DataFile[]; problems: Problem[]; missing: HubNeed[] }> {
  if (!isDatasetId(file.path)) return { files: [file], problems: [], missing: [] };
  const place = parseDataset(file.path);
  const field = `data.files.${index}.path`;
  if (!place) return { files: [file], problems: [error(field, `${quote(file.path)} is no id.`)], missing: [] };
  const snapshot = await datasetSnapshot(place);
  const named = snapshot ? (await listDatasetFiles(snapshot)).filter((name) => isBelow(name, place.below)) : [];
  const names = snapshot ? filesOfRows(named, file) : [];
  if (snapshot && names.length > 0 && isWhole(names)) {
    return { files: names.map((name) => ({ ...file, path: join(snapshot.folder, name) })), problems: [], missing: [] };
  }
  const select = { format: file.format, split: file.split };
  const missing = [{ field, source: addressOf(file.path), select }];
  return { files: [file], problems: [error(field, lacking(file, snapshot !== undefined))], missing };
}

/** Parts say in their names how many they are; a broken download leaves some. */
function isWhole(names: readonly string[]): boolean {
  const seen = new Map<string, number>();
  for (const name of names) {
    const [series, of] = /^(.*)-\d{5}-of-(\d{5})/.exec(name)?.slice(1) ?? [];
    if (of !== undefined) seen.set(`${series} ${of}`, (seen.get(`${series} ${of}`) ?? 0) + 1);
  }
  return [...seen].every(([series, count]) => count >= Number(series.slice(-5)));
}

function addressOf(path: string): string {
  return isDatasetAddress(path) ? path : `hf://datasets/${path}`;
}

function lacking({ path, format, split }: DataFile, isPartHere: boolean): string {
  if (isPartHere)
    return `${quote(path)} has no ${split} files of format ${format} in the Hugging Face cache, or not all.`;
  const command = `deltascope download ${addressOf(path)}`;
  return `${quote(path)} is not in the Hugging Face cache. Fetch it with: ${command}`;
}

/** Files that name no split are training data; test files are for audits, not for training. */
function ofSplit(names: readonly string[], split: DataFile["split"]): string[] {
  const isWanted = (name: string): boolean => (splitOf(name) ?? "train") === split;
  return names.filter(isWanted);
}

/** `data/train-00000-of-00001.parquet`, `main/test.jsonl`, or `main/test/0000.parquet` as the Hub converts. */
function splitOf(name: string): DataFile["split"] | "test" | undefined {
  const parts = name.toLowerCase().split(/[\\/]/).toReversed();
  for (const part of parts) {
    const word = /(?:^|[-_.])(train|training|validation|valid|val|dev|eval|test)(?:[-_.]|$)/.exec(part)?.[1];
    if (word !== undefined) return word.startsWith("train") ? "train" : word === "test" ? "test" : "validation";
  }
  return undefined;
}
