/** Asks for folders: the system's dialog on the desktop, a sheet over `library.browse` in the browser. */
import { type ReactNode, useState } from "react";
import { useHost } from "../../host/host.ts";
import { FolderSheet } from "../../sheets/folder-sheet.tsx";

export interface FolderChoice {
  choose: () => void;
  /** Put it anywhere in the view. */
  sheet: ReactNode;
}

export function useFolderChoice(onChosen: (paths: string[]) => void): FolderChoice {
  const host = useHost();
  const [open, setOpen] = useState(false);
  function choose() {
    const asked = host.openFolders();
    if (!asked) return setOpen(true);
    void asked.then((paths) => {
      if (paths.length > 0) onChosen(paths);
    });
  }
  function chosen(paths: string[]) {
    setOpen(false);
    onChosen(paths);
  }
  return { choose, sheet: <FolderSheet opened={open} onClose={() => setOpen(false)} onChosen={chosen} /> };
}
