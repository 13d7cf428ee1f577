/** Files and folders dropped anywhere in the window. */
import { useEffect, useRef, useState } from "react";
import { useHost } from "../../host/host.ts";

export interface WindowDrop {
  /** Paths of what was dropped, where the host may tell them. */
  onPaths: (paths: string[]) => void;
  /** Something was dropped whose place the page cannot know. */
  onPathless: () => void;
}

/** True while files hover over the window. */
export function useWindowDrop(handlers: WindowDrop): boolean {
  const host = useHost();
  const [over, setOver] = useState(false);
  const newest = useRef(handlers);
  newest.current = handlers;
  useEffect(() => {
    function hover(event: DragEvent) {
      if (!carriesFiles(event)) return;
      // Without this the browser would leave the app and open the file.
      event.preventDefault();
      setOver(true);
    }
    function leave(event: DragEvent) {
      if (event.relatedTarget === null) setOver(false);
    }
    function drop(event: DragEvent) {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const paths = host.pathsOf([...(event.dataTransfer?.files ?? [])]);
      if (paths && paths.length > 0) newest.current.onPaths(paths);
      else newest.current.onPathless();
    }
    window.addEventListener("dragover", hover);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", hover);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [host]);
  return over;
}

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
