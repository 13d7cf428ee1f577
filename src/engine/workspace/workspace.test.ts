import { existsSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { defaultWorkspaceFolder, openWorkspace } from "./workspace.ts";

let parent: string;

beforeEach(() => {
  parent = temporaryFolder("wörk space");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test("the folder is made with its parts, locked, and free again after release", async () => {
  const folder = path.join(parent, "a", "b");
  const workspace = await openWorkspace(folder);
  expect(workspace.folder).toBe(folder);
  expect(path.dirname(workspace.database)).toBe(folder);
  for (const place of [workspace.exports, workspace.cache]) expect(statSync(place).isDirectory()).toBe(true);
  await expect(openWorkspace(folder)).rejects.toMatchObject({ code: "store.locked" });
  workspace.release();
  (await openWorkspace(folder)).release();
});

test("two workspaces at once in one process", async () => {
  const [one, two] = await Promise.all([openWorkspace(path.join(parent, "1")), openWorkspace(path.join(parent, "2"))]);
  one.release();
  expect(existsSync(path.join(two.folder, "workspace.lock"))).toBe(true);
  two.release();
});

test("no listeners are left on the process when every workspace is released", async () => {
  const count = () => ["exit", "SIGINT", "SIGTERM", "SIGHUP"].map((event) => process.listenerCount(event));
  const before = count();
  const opened = await Promise.all(["1", "2"].map((name) => openWorkspace(path.join(parent, name))));
  expect(count()).toEqual(before.map((listeners) => listeners + 1));
  for (const workspace of opened) workspace.release();
  expect(count()).toEqual(before);
});

test("the environment names the default folder", async () => {
  vi.stubEnv("DELTASCOPE_WORKSPACE", path.join(parent, "named"));
  const workspace = await openWorkspace();
  workspace.release();
  expect(workspace.folder).toBe(path.join(parent, "named"));
});

test.each([
  ["linux", {}, "/home/u", "/home/u/.local/share/deltascope"],
  ["linux", { XDG_DATA_HOME: "/data" }, "/home/u", "/data/deltascope"],
  ["linux", { XDG_DATA_HOME: "relative" }, "/home/u", "/home/u/.local/share/deltascope"],
  ["linux", { DELTASCOPE_WORKSPACE: "/w", XDG_DATA_HOME: "/data" }, "/home/u", "/w"],
  ["linux", { DELTASCOPE_WORKSPACE: "" }, "/home/u", "/home/u/.local/share/deltascope"],
  ["darwin", { XDG_DATA_HOME: "/data" }, "/Users/u", "/Users/u/Library/Application Support/DeltaScope"],
  ["win32", { LOCALAPPDATA: "D:\\Local" }, "C:\\Users\\u", "D:\\Local\\DeltaScope"],
  ["win32", {}, "C:\\Users\\u", "C:\\Users\\u\\AppData\\Local\\DeltaScope"],
] as const)("default folder on %s with %o", (platform, environment, home, expected) => {
  expect(defaultWorkspaceFolder(environment, platform, home)).toBe(expected);
});

test("a place where no folder can be made is named", async () => {
  const file = path.join(parent, "file");
  writeFileSync(file, "here");
  for (const folder of [file, path.join(file, "inside")]) {
    await expect(openWorkspace(folder)).rejects.toMatchObject({
      code: "workspace.not-writable",
      where: folder,
      message: expect.stringContaining(folder),
    });
  }
});
