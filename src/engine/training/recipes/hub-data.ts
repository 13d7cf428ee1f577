/** Training data named by its id on the Hugging Face Hub, from the local cache: nothing is downloaded. */
import { basename, extname, join } from "node:path";
import type { RunConfig } from "../../../contract/domain/training.ts";
import { listDatasetFiles } from "../../source/dataset-files.ts";
import { type DatasetSnapshot, datasetSnapshots } from "../../source/hub-cache.ts";
import { quote } from "../../source/quote.ts";
import { error, type Problem } from "./check-base.ts";
import { endings } from "./check-files.ts";
import { type DatasetPlace, isDatasetId, parseDataset } from "./dataset-id.ts";

type DataFile = RunConfig["data"]["files"][number];

/** Every entry that is an id as the files of its format and split; files stay. */
export async function withCachedData(config: RunConfig): Promise<{ config: RunConfig; problems: Problem[] }> {
  const placed = await Promise.all(config.data.files.map(placeFile));
  const files = placed.flatMap((one) => one.files);
  return { config: { ...config, data: { ...config.data, files } }, problems: placed.flatMap((one) => one.problems) };
}

async function placeFile(file: DataFile, index: number): Promise<{ files: DataFile[]; problems: Problem[] }> {
  if (!isDatasetId(file.path)) return { files: [file], problems: [] };
  const place = parseDataset(file.path);
  const snapshot = place && (await snapshotOf(place));
  if (!place || !snapshot) return { files: [file], problems: [error(`data.files.${index}.path`, notThere(file.path))] };
  const named = (await listDatasetFiles(snapshot)).filter((name) => isBelow(name, place.below));
  const names = ofSplit(named.filter(ofFormat(file)), file.split);
  if (names.length === 0) {
    const message = `${quote(file.path)} has no ${file.split} files of format ${file.format} in the cache.`;
    return { files: [file], problems: [error(`data.files.${index}.path`, message)] };
  }
  return { files: names.map((name) => ({ ...file, path: join(snapshot.folder, name) })), problems: [] };
}

async function snapshotOf({ repository, revision }: DatasetPlace): Promise<DatasetSnapshot | undefined> {
  const snapshots = await datasetSnapshots(repository);
  if (revision === undefined || revision === "main") return snapshots[0];
  return snapshots.find(({ folder }) => basename(folder) === revision);
}

function notThere(path: string): string {
  const id = parseDataset(path)?.repository ?? "owner/name";
  return `${quote(path)} is not in the Hugging Face cache. Fetch it with: hf download --repo-type dataset ${id}`;
}

function isBelow(name: string, below: string): boolean {
  const plain = name.replaceAll("\\", "/");
  return below === "" || plain === below || plain.startsWith(`${below}/`);
}

function ofFormat({ format }: DataFile): (name: string) => boolean {
  return (name) => endings[format].includes(extname(name).toLowerCase());
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
