import { appendFileSync, mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { openTail, type Tail } from "./tail.ts";

async function all(tail: Tail): Promise<string> {
  let text = "";
  for (let piece = await tail.next(); piece; piece = await tail.next()) text += Buffer.from(piece).toString();
  return text;
}

test("what is appended, from the known bytes on, however it is cut", async () => {
  const file = join(temporaryFolder(), "events.jsonl");
  const tail = openTail(file, 4);
  expect(await tail.next()).toBeUndefined();
  appendFileSync(file, "old\nne");
  expect(await all(tail)).toBe("ne");
  expect(await tail.next()).toBeUndefined();
  const long = "x".repeat(200_000);
  appendFileSync(file, `w\n${long}`);
  expect(await all(tail)).toBe(`w\n${long}`);
  await tail.close();
});

test("pieces stay as they were when more is read", async () => {
  const file = join(temporaryFolder(), "events.jsonl");
  const tail = openTail(file, 0);
  appendFileSync(file, "one");
  const first = await tail.next();
  appendFileSync(file, "two");
  await tail.next();
  expect(Buffer.from(first ?? []).toString()).toBe("one");
  await tail.close();
});

test("a file that shrinks, or a folder in its place, tells nothing and throws nothing", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "events.jsonl");
  appendFileSync(file, "abc");
  const tail = openTail(file, 0);
  await all(tail);
  truncateSync(file, 1);
  expect(await tail.next()).toBeUndefined();
  await tail.close();
  mkdirSync(join(folder, "place"));
  expect(await openTail(join(folder, "place"), 0).next()).toBeUndefined();
});
