import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { writeCheckpoint as writeModel } from "../../../test/builders/checkpoint.ts";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import type { Opened } from "../checkpoint/checkpoint.ts";
import { open } from "../checkpoint/open.ts";
import { checkOutput, requireSpace, writeFolder } from "./output-folder.ts";

let folder = "";
let input: Opened;

beforeEach(async () => {
  folder = temporaryFolder();
  input = await open(writeModel(join(folder, "model")));
});

const check = (out: string, overwrite = false) => checkOutput({ out: join(folder, out), overwrite, inputs: [input] });

async function code(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "fine",
    (thrown) => thrown.code,
  );
}

/** Nothing but the names given is left, hidden names included. */
function expectNames(...names: string[]): void {
  expect(readdirSync(folder).sort()).toEqual(["model", ...names].sort());
}

describe("places", () => {
  test("a new name is fine, its parent must be there", async () => {
    expect(await check("out")).toEqual({ folder: join(folder, "out"), overwrite: false });
    expect(await code(check("absent/out"))).toBe("output.unwritable");
  });

  test("never the input, in it, or around it; links do not hide it", async () => {
    symlinkSync(join(folder, "model"), join(folder, "link"));
    for (const out of ["model", "model/out", "link", "link/out", `../${folder.split("/").at(-1)}`]) {
      expect([out, await code(check(out, true))]).toEqual([out, "edit.not-possible"]);
    }
  });

  test("the folder of a file that was typed by name is no input, the file is", async () => {
    input = await open(join(folder, "model", "model.safetensors"));
    expect(await code(check("model/out"))).toBe("fine");
    expect(await code(check("model/model.safetensors"))).toBe("edit.not-possible");
  });

  test("a place that real weights are linked from is an input too", async () => {
    mkdirSync(join(folder, "view"));
    for (const name of readdirSync(join(folder, "model")))
      symlinkSync(join(folder, "model", name), join(folder, "view", name));
    const refused = await code(open(join(folder, "view")));
    expect(refused).toBe("source.path-escape"); // links out of a folder are not followed in the first place
  });

  test("what stands there is replaced only when asked, and only a model or adapter", async () => {
    mkdirSync(join(folder, "empty"));
    expect(await code(check("empty"))).toBe("fine");
    writeModel(join(folder, "old"));
    expect(await code(check("old"))).toBe("output.exists");
    expect(await code(check("old", true))).toBe("fine");
    writeFileSync(join(folder, "old", "thesis.tex"), "");
    expect(await code(check("old", true))).toBe("output.exists");
    writeFileSync(join(folder, "file"), "");
    expect(await code(check("file", true))).toBe("output.exists");
    symlinkSync(join(folder, "nowhere"), join(folder, "dangling"));
    expect(await code(check("dangling", true))).toBe("output.exists");
  });
});

describe("writing", () => {
  const fill = (text: string) => async (temporary: string) => {
    writeFileSync(join(temporary, "config.json"), text);
    return text;
  };

  test("appears under its name when the work is done, not before", async () => {
    const place = await check("out");
    const seen = await writeFolder(place, 10, async (temporary) => {
      expect(existsSync(join(folder, "out"))).toBe(false);
      return fill("new")(temporary);
    });
    expect(seen).toBe("new");
    expect(readFileSync(join(folder, "out", "config.json"), "utf8")).toBe("new");
    expectNames("out");
  });

  test("replaces a whole folder, nothing of the old one stays", async () => {
    writeModel(join(folder, "out"));
    await writeFolder(await check("out", true), 10, fill("new"));
    expect(readdirSync(join(folder, "out"))).toEqual(["config.json"]);
    expectNames("out");
  });

  test("work that fails leaves nothing, and the old folder as it was", async () => {
    writeModel(join(folder, "out"));
    const before = readdirSync(join(folder, "out"));
    const failing = writeFolder(await check("out", true), 10, async (temporary) => {
      await fill("half")(temporary);
      throw new Error("broken");
    });
    await expect(failing).rejects.toThrow("broken");
    expect(readdirSync(join(folder, "out"))).toEqual(before);
    expectNames("out");
  });

  test("a name that was taken meanwhile is not overwritten", async () => {
    const place = await check("out");
    const late = writeFolder(place, 10, async (temporary) => {
      writeModel(join(folder, "out"));
      return fill("late")(temporary);
    });
    expect(await code(late)).toBe("output.exists");
    expect(existsSync(join(folder, "out", "model.safetensors"))).toBe(true);
    expectNames("out");
  });

  test("more than the disk has free is refused before anything is written", async () => {
    const work = writeFolder(await check("out"), 2 ** 60, fill("never"));
    await expect(work).rejects.toMatchObject({
      code: "workspace.disk-full",
      message: expect.stringMatching(/(EB|PB|TB).* are to be written and 16\.8 MB to stay free, and .* are free/),
    });
    expectNames();
    await expect(requireSpace(folder, 1)).resolves.toBeUndefined();
  });
});
