/** Ids of data sets on the Hugging Face Hub, as recipes name their data. */
import { type HubId, parseHubId } from "../../../contract/hub-id.ts";

const scheme = "hf://datasets/";

export interface DatasetPlace extends HubId {
  /** A file or folder in it; empty for all. */
  below: string;
}

/** Reads `hf://datasets/owner/name@revision/folder`, and `owner/name/folder` alike. */
export function parseDataset(location: string): DatasetPlace | undefined {
  const [owner = "", name = "", ...rest] = location.replace(scheme, "").split("/");
  const id = parseHubId(`${owner}/${name}`);
  const isPlain = rest.every((part) => part !== "" && !part.startsWith(".") && !/[\\\0]/.test(part));
  return id && isPlain ? { ...id, below: rest.join("/") } : undefined;
}

export function isDatasetAddress(location: string): boolean {
  return location.startsWith(scheme);
}

/** Whether it is an id; what is a path was made absolute before. */
export function isDatasetId(path: string): boolean {
  return (
    isDatasetAddress(path) || (!path.startsWith("/") && parseDataset(path) !== undefined && !/^[A-Za-z]:/.test(path))
  );
}
