/** What only some hosts can do: the desktop has file dialogs and a file manager, the browser has downloads. */
import { createContext, useContext } from "react";

export interface Host {
  kind: "browser" | "desktop";
  /** Asks for folders with the system's dialog; undefined where the host has none (then `library.browse` helps). */
  openFolders(): Promise<string[]> | undefined;
  /** Paths of dropped files and folders; undefined where a page may not learn them. */
  pathsOf(files: readonly File[]): string[] | undefined;
  /** Gives the user a file: a download, or a save dialog. Resolves when it was handed over, or the user declined. */
  save(name: string, content: Blob): Promise<void>;
  /** Shows a file in the system's file manager. */
  reveal?(path: string): void;
  /** Opens the system's dialog for printing, which also makes a PDF. */
  print?(): void;
  /** Address of what is on screen, to copy. */
  link(): string;
}

const HostContext = createContext<Host | undefined>(undefined);
export const HostProvider = HostContext.Provider;

/** The host of this window. */
export function useHost(): Host {
  const host = useContext(HostContext);
  if (!host) throw new Error("No host is provided.");
  return host;
}
