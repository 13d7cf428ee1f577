/** The system's dialogs, for pages that ask. */
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, isAbsolute } from "node:path";
import { BrowserWindow, dialog, shell, type WebContents } from "electron";
import { answerPage, hearPage } from "./security.ts";

/** A report with all pictures stays far below. */
const largestFileBytes = 2 ** 30;
const longestName = 200;

export function answerDialogs(): void {
  answerPage("open-folders", ({ sender }) => openFolders(sender));
  answerPage("save", ({ sender }, name: unknown, content: unknown) => save(sender, name, content));
  hearPage("reveal", (_event, path: unknown) => reveal(path));
  hearPage("print", ({ sender }) => sender.print());
}

async function openFolders(page: WebContents): Promise<string[]> {
  const window = BrowserWindow.fromWebContents(page);
  const options: Electron.OpenDialogOptions = {
    title: "Add checkpoints",
    properties: ["openDirectory", "multiSelections"],
  };
  const { canceled, filePaths } = await (window
    ? dialog.showOpenDialog(window, options)
    : dialog.showOpenDialog(options));
  return canceled ? [] : filePaths;
}

async function save(page: WebContents, name: unknown, content: unknown): Promise<void> {
  if (typeof name !== "string" || !(content instanceof ArrayBuffer) || content.byteLength > largestFileBytes) {
    throw new Error("save: a name and its bytes are needed.");
  }
  const window = BrowserWindow.fromWebContents(page);
  const options = { defaultPath: basename(name).slice(0, longestName) };
  const { canceled, filePath } = await (window
    ? dialog.showSaveDialog(window, options)
    : dialog.showSaveDialog(options));
  if (!canceled) await writeWhole(filePath, Buffer.from(content));
}

/** All or nothing: the name appears when the content is complete. */
async function writeWhole(file: string, content: Buffer): Promise<void> {
  const draft = `${file}.part`;
  try {
    await writeFile(draft, content, { flush: true });
    await rename(draft, file);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw thrown;
  }
}

/** Paths on other machines are not opened: on Windows that alone would sign in there. */
function reveal(path: unknown): void {
  if (typeof path !== "string" || !isAbsolute(path) || /^[\\/]{2}/.test(path)) return;
  shell.showItemInFolder(path);
}
