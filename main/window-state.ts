/** Size and place of the window, kept between starts. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { app, type BrowserWindow, type Rectangle, screen } from "electron";
import { z } from "zod";

/** The smallest size that the views are made for. */
const least = { width: 1280, height: 800 };
const first = { width: 1440, height: 900 };

const windowState = z.object({
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int(), height: z.int() }),
  maximised: z.boolean(),
});

export interface Placement extends Partial<Rectangle> {
  width: number;
  height: number;
  minWidth: number;
  minHeight: number;
}

/** Where the window opens; its old place only if a screen still shows it. */
export function placement(): { place: Placement; maximised: boolean } {
  const limits = { minWidth: least.width, minHeight: least.height };
  const state = read();
  if (!state) return { place: { ...first, ...limits }, maximised: false };
  const { x, y, width, height } = state.bounds;
  const place = isShown(state.bounds) ? { x, y, width, height } : first;
  return { place: { ...place, ...limits }, maximised: state.maximised };
}

export function keepPlacement(window: BrowserWindow): void {
  window.on("close", () => write({ bounds: window.getNormalBounds(), maximised: window.isMaximized() }));
}

function file(): string {
  return join(app.getPath("userData"), "window.json");
}

/** A damaged file is no reason not to open. */
function read(): z.infer<typeof windowState> | undefined {
  try {
    return windowState.parse(JSON.parse(readFileSync(file(), "utf8")));
  } catch {
    return undefined;
  }
}

function write(state: z.infer<typeof windowState>): void {
  try {
    writeFileSync(`${file()}.new`, JSON.stringify(state));
    renameSync(`${file()}.new`, file());
  } catch {
    // A full disk costs the window's place, not more.
  }
}

function isShown({ x, y, width }: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea: area }) => {
    const across = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
    return across > 100 && y >= area.y && y < area.y + area.height - 100;
  });
}
