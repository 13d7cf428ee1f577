import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { createGroupCommit, createQueue } from "./writer.ts";

/** A commit that ends when told, and remembers what each one held. */
function slowCommits() {
  const commits: number[][] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const commit = (rows: number[]): Promise<void> => {
    commits.push(rows);
    const end = Promise.withResolvers<void>();
    ends.push(end);
    return end.promise;
  };
  return { commits, ends, commit };
}

test("rows that arrive during a commit go together into the next one", async () => {
  const { commits, ends, commit } = slowCommits();
  const put = createGroupCommit(createQueue(), commit);
  const settled: string[] = [];
  const note = (name: string) => () => settled.push(name);
  const first = put([1]).then(note("first"));
  await setTimeout(1);
  const others = [put([2, 3]).then(note("second")), put([4]).then(note("third"))];
  await setTimeout(1);
  expect(commits).toEqual([[1]]);
  ends[0]?.resolve();
  await first;
  await setTimeout(1);
  expect(commits).toEqual([[1], [2, 3, 4]]);
  expect(settled).toEqual(["first"]);
  ends[1]?.resolve();
  await Promise.all(others);
  expect(settled.slice(1).sort()).toEqual(["second", "third"]);
});

test("a failed commit fails those who were in it, and nobody after", async () => {
  const { ends, commit } = slowCommits();
  const put = createGroupCommit(createQueue(), commit);
  const first = put([1]);
  await setTimeout(1);
  const second = put([2]);
  ends[0]?.reject(new Error("disk full"));
  await expect(first).rejects.toThrow("disk full");
  await setTimeout(1);
  ends[1]?.resolve();
  await second;
});

test("no rows, no commit", async () => {
  const { commits, commit } = slowCommits();
  await createGroupCommit(createQueue(), commit)([]);
  expect(commits).toEqual([]);
});

test("tasks of one queue never overlap and keep their order", async () => {
  const queue = createQueue();
  const steps: string[] = [];
  const task = (name: string, milliseconds: number) => async () => {
    steps.push(`${name} begins`);
    await setTimeout(milliseconds);
    steps.push(`${name} ends`);
  };
  const put = createGroupCommit<number>(queue, task("commit", 1));
  await Promise.all([queue.run(task("slow", 20)), put([1]), queue.run(task("fast", 0))]);
  const expected = ["slow", "commit", "fast"].flatMap((name) => [`${name} begins`, `${name} ends`]);
  expect(steps).toEqual(expected);
});
