/** Opens the export menu of the view that is shown. */
import { announce } from "../widgets/announce.ts";

export function openExport(): boolean {
  const button = document.querySelector<HTMLElement>("main [data-export-menu]");
  if (!button) {
    announce("This view has nothing to export.");
    return false;
  }
  button.focus();
  button.click();
  return true;
}
