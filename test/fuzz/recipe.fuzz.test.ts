/** Recipes: plain values that are written out and read again unchanged, or an error that names what is wrong. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DeltaScopeError } from "../../src/contract/errors.ts";
import { parseRecipe } from "../../src/engine/training/recipes/read-recipe.ts";
import { resolveRecipe } from "../../src/engine/training/recipes/resolve.ts";
import { recipeText } from "../../src/engine/training/recipes/text.ts";
import { campaign } from "./campaign.ts";
import { changedText } from "./mutate.ts";

const folder = join(import.meta.dirname, "../../recipes");
const samples = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));

async function known<Value>(work: () => Value | Promise<Value>): Promise<Value | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof DeltaScopeError) || thrown.code === "internal") throw thrown;
    return undefined;
  }
}

campaign("any text as a recipe", changedText(samples), {
  runs: 1000,
  async check(text) {
    const read = await known(() => parseRecipe(text));
    if (read === undefined) return;
    assert.deepEqual(parseRecipe(recipeText(read.values)).values, read.values);
    await known(() => resolveRecipe({ text, folder: "/nowhere" }));
    assert(!Object.hasOwn(Object.prototype, "polluted"));
  },
});
