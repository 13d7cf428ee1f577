/** Where bytes come from: a file, a folder of shards, or a repository in the Hugging Face cache. */

/** One regular file of a source. */
export interface SourceFile {
  /** Path inside the source, with `/` between parts. */
  name: string;
  /** Absolute path on this machine, links resolved. */
  path: string;
  size: number;
  mtimeNs: bigint;
}

export interface Source {
  kind: "file" | "folder" | "hub-cache";
  /** What the user typed. */
  location: string;
  /** Absolute path of the opened folder (or of the folder that holds the file). */
  root: string;
  /** Hub id and commit, for sources from the cache. */
  repository: string | undefined;
  revision: string | undefined;
  /** Files of the root, and of first-level sub-folders those that tell what they hold; sorted by name. */
  files: readonly SourceFile[];
  /** The file named by the user, for `kind: "file"`. */
  single: SourceFile | undefined;
}
