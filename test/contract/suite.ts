/** The contract's tests, the same over every transport. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analysisSettings } from "../../src/contract/domain/analysis.ts";
import type { EngineEvent } from "../../src/contract/domain/job.ts";
import { writeAdapter, writeCheckpoint } from "../builders/checkpoint.ts";
import { cpuMilliseconds } from "../builders/cpu-time.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { describeDemo } from "./demo-questions.ts";
import { type ConnectEngine, type ConnectedEngine, type EngineClient, failureOf, hear, jobEnd } from "./harness.ts";
import { describeScoring } from "./scoring-questions.ts";
import { slowSpec } from "./slow-pair.ts";

export function describeContract(transport: string, connect: ConnectEngine): void {
  describe(`the contract over ${transport}`, () => {
    let engine: ConnectedEngine;
    let client: EngineClient;
    beforeAll(async () => {
      engine = await connect(temporaryFolder("contract"));
      client = engine.client;
    });
    afterAll(() => engine?.close());
    const given = (): EngineClient => client;
    describeErrors(given);
    describeStreams(given, () => engine.another());
    describeLibrary(given);
    describeSettings(given);
    describeDemo(connect);
    describeScoring(connect);
  });
}

function describeErrors(given: () => EngineClient): void {
  test("a failure crosses as a typed error with code, place and tip, without a stack", async () => {
    const path = join(temporaryFolder(), "nothing here");
    const error = await failureOf(given().inspect({ path }));
    expect(error).toMatchObject({ code: "source.not-found", where: path, retryable: false });
    expect(error.tip).toBeTypeOf("string");
    expect(JSON.stringify(error)).not.toMatch(/\.ts:\d+/);
  });

  test("a stream that fails after it has begun fails with a typed error", async () => {
    const base = writeCheckpoint(join(temporaryFolder(), "base"));
    const tuned = [{ label: "x", path: join(base, "missing") }];
    const listen = async (): Promise<void> => {
      const spec = { base, tuned, settings: analysisSettings.parse({}), embeddings: false };
      for await (const event of await given().analysis.run(spec)) expect(event).toBeDefined();
    };
    expect(await failureOf(listen())).toMatchObject({ code: "source.not-found", where: join(base, "missing") });
  });

  // One question per kind of mistake; types are set aside because a caller over a transport has none.
  const client = () => given() as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>;
  test.each<[string, () => Promise<unknown> | undefined]>([
    ["a number for an object", () => client().runs?.rows?.(7)],
    ["nothing at all", () => client().runs?.module?.(undefined)],
    ["an empty list", () => client().runs?.findings?.({ runs: [] })],
    ["too many runs", () => client().runs?.rows?.({ runs: Array(9).fill("a") })],
    ["a format that is none", () => client().runs?.render?.({ runs: ["a"], format: "exe" })],
    [
      "a spec without settings",
      () => client().jobs?.start?.({ kind: "analysis", spec: { tuned: [{ label: "a", path: "/a" }] } }),
    ],
    [
      "an ε out of range",
      () =>
        client().jobs?.start?.({ kind: "analysis", spec: { tuned: [], settings: { epsilon: 2 }, embeddings: false } }),
    ],
    ["a path of 5,000 letters", () => client().library?.add?.({ paths: ["a".repeat(5000)] })],
    ["a setting of another type", () => client().workspace?.configure?.({ threads: "all" })],
  ])("malformed input is refused: %s", async (_, ask) => {
    expect(await failureOf(ask() ?? Promise.resolve())).toMatchObject({ code: "request.invalid" });
  });

  test("unknown runs, jobs and items are named", async () => {
    const unknown = "0123456789ab";
    expect(await failureOf(given().runs.rows({ runs: [unknown] }))).toMatchObject({ code: "run.not-found" });
    expect(await failureOf(given().runs.module({ run: "' OR 1=1", name: "m" }))).toMatchObject({
      code: "run.not-found",
    });
    expect(await failureOf(given().jobs.cancel({ job: unknown }))).toMatchObject({ code: "job.not-found" });
    expect(await failureOf(given().library.assignBase({ item: unknown, base: null }))).toMatchObject({
      code: "library.not-found",
    });
  });
}

function describeStreams(given: () => EngineClient, another: () => Promise<EngineClient>): void {
  test("an analysis is cancelled by its signal within a second of work, and goes on from what it kept", async () => {
    const spec = slowSpec();
    const stop = new AbortController();
    let measured = 0;
    let aborted = 0;
    const run = async (): Promise<void> => {
      for await (const event of await given().analysis.run(spec, { signal: stop.signal })) {
        if (event.type !== "module") continue;
        measured += 1;
        aborted ||= cpuMilliseconds();
        stop.abort();
      }
    };
    await failureOf(run());
    expect(cpuMilliseconds() - aborted).toBeLessThan(1000);
    const job = await given().jobs.start({ kind: "analysis", spec: { ...spec, modules: "layers.0" } });
    expect((await jobEnd(given(), job.id)).state).toBe("finished");
    expect(measured).toBeGreaterThan(0);
  });

  test("a job outlives the window that asked, tells every window, is cancelled and taken up again", async () => {
    const window = await another();
    const spec = slowSpec();
    const listens = Promise.withResolvers<void>();
    const heard = hear(given(), (event) => {
      listens.resolve();
      return event.type === "job" && event.job.state === "cancelled";
    });
    await listens.promise;
    const { id } = await window.jobs.start({ kind: "analysis", spec });
    await hear(window, (event) => event.type === "modules");
    await given().jobs.cancel({ job: id });
    const cancelled = await jobEnd(given(), id); // which a busy machine may reach after the answer
    expect(cancelled.state).toBe("cancelled");
    expect(cancelled.note).toMatch(/^\d+ of 43 modules (is|are) kept\.$/);
    const events = await heard;
    expect(events[0]?.type).toBe("hello");
    expect(statesOf(events, id)).toEqual(["queued", "running", "cancelled"]);

    const rows = events.flatMap((event) => (event.type === "modules" ? event.rows : []));
    const [run] = (await given().runs.all()).filter(({ analysis }) => rows.some((row) => row.analysis === analysis));
    const stored = await given().runs.rows({ runs: [run?.id ?? ""] });
    expect(run?.state).toBe("partial");
    for (const row of rows) expect(stored).toContainEqual(row);

    expect((await given().jobs.resume({ job: id })).id).toBe(id);
    expect((await jobEnd(given(), id)).state).toBe("finished");
    const all = await given().runs.rows({ runs: [run?.id ?? ""] });
    expect(all).toHaveLength(43);
    // Nothing was computed twice: what was kept is unchanged to the bit, its seconds included.
    for (const row of rows) expect(all).toContainEqual(row);
    expect(await given().jobs.clear({ jobs: [id] })).not.toContainEqual(expect.objectContaining({ id }));
  });

  test("a listener that leaves by its signal ends without an error and disturbs nobody", async () => {
    const stop = new AbortController();
    const left = (async () => {
      for await (const _ of await given().events(undefined, { signal: stop.signal })) stop.abort();
    })();
    await Promise.race([
      left.catch(() => undefined),
      setTimeout(30_000).then(() => Promise.reject(new Error("stuck"))),
    ]);
    const [hello] = await hear(given(), () => true);
    expect(hello?.type).toBe("hello");
  });

  test("a slow listener holds up nobody and ends with the newest state", async () => {
    const slow = await (await another()).events();
    expect((await slow.next()).value).toMatchObject({ type: "hello" });
    const folder = writeAdapter(join(temporaryFolder(), "lora"));
    const [item] = await given().library.add({ paths: [folder] });
    const items = [item?.id ?? ""];
    for (let count = 0; count < 70; count += 1) {
      await given().library.remove({ items });
      await given().library.restore({ items });
    }
    const last = await given().library.remove({ items });
    for (;;) {
      const event = (await slow.next()).value as EngineEvent | undefined;
      if (!event) throw new Error("The stream ended.");
      if (event.type === "library" && JSON.stringify(event.items) === JSON.stringify(last)) break;
    }
    await slow.return?.();
  });
}

/** The states a job went through. */
function statesOf(events: readonly EngineEvent[], id: string): string[] {
  const states = events.flatMap((event) => (event.type === "job" && event.job.id === id ? [event.job.state] : []));
  return states.filter((state, index) => state !== states[index - 1]);
}

function describeLibrary(given: () => EngineClient): void {
  test("hostile names are shown with nothing invisible, and what is no checkpoint keeps its reason", async () => {
    const folder = temporaryFolder();
    const name = "<img src=x onerror=alert(1)> \u202egnp.exe";
    const base = writeCheckpoint(join(folder, name));
    mkdirSync(join(folder, "notes"));
    writeFileSync(join(folder, "notes", "readme.txt"), "text");
    const [model, notes] = await given().library.add({ paths: [base, join(folder, "notes")] });
    expect(model).toMatchObject({ label: name.replace("\u202e", "⟨U+202E⟩"), path: base, error: null });
    expect(notes).toMatchObject({ kind: "unknown", error: { code: "source.empty" } });
  });

  test("files that are no part of a checkpoint are one clear answer", async () => {
    const folder = temporaryFolder();
    const paths = Array.from({ length: 300 }, (_, index) => join(folder, `${index}.txt`));
    for (const path of paths) writeFileSync(path, "");
    expect(await failureOf(given().library.add({ paths }))).toMatchObject({
      code: "library.nothing-found",
      message: "None of the 300 files is a part of a checkpoint or an adapter.",
    });
  });

  test("a removed file shows at the next look, and its return too; a removal can be taken back", async () => {
    const folder = temporaryFolder();
    const path = writeAdapter(join(folder, "lora"));
    const [{ id } = { id: "" }] = await given().library.add({ paths: [path] });
    const item = async () => (await given().library.list()).find((one) => one.id === id);
    expect((await item())?.error).toBeNull();
    renameSync(path, join(folder, "elsewhere"));
    expect((await item())?.error).toMatchObject({ code: "source.not-found", where: path });
    renameSync(join(folder, "elsewhere"), path);
    expect((await item())?.error).toBeNull();
    await given().library.remove({ items: [id] });
    expect(await item()).toBeUndefined();
    await given().library.restore({ items: [id] });
    expect(await item()).toMatchObject({ id, label: expect.stringContaining("lora") });
  });

  test("an adapter of another shape fails by name, with both shapes, and the job says so", async () => {
    const folder = temporaryFolder();
    const base = writeCheckpoint(join(folder, "base"));
    const path = writeAdapter(join(folder, "other"), { shape: { hidden: 32 } });
    const settings = analysisSettings.parse({});
    const spec = { base, tuned: [{ label: "other", path }], settings, embeddings: false };
    const { id } = await given().jobs.start({ kind: "analysis", spec });
    const job = await jobEnd(given(), id);
    expect(job.state).toBe("failed");
    expect(job.error?.message).toMatch(/32.*16|16.*32/);
  });
}

function describeSettings(given: () => EngineClient): void {
  test("settings are kept; what was never set has its default", async () => {
    expect(await given().workspace.settings()).toMatchObject({ theme: "system", threads: null });
    expect(await given().workspace.configure({ theme: "dark", threads: 1 })).toMatchObject({
      theme: "dark",
      threads: 1,
    });
    expect(await given().workspace.configure({ threads: null })).toMatchObject({ theme: "dark", threads: null });
    expect(await given().workspace.settings()).toMatchObject({ theme: "dark", singleKeys: true });
  });

  test("new jobs keep to the set number of threads", async () => {
    await given().workspace.configure({ threads: 1 });
    expect((await given().workspace.info()).threads).toBe(1);
    const folder = temporaryFolder();
    const spec = {
      base: writeCheckpoint(join(folder, "base")),
      tuned: [{ label: "one thread", path: writeAdapter(join(folder, "lora")) }],
      settings: analysisSettings.parse({}),
      embeddings: false,
    };
    const { id } = await given().jobs.start({ kind: "analysis", spec });
    expect((await jobEnd(given(), id)).state).toBe("finished");
    const document = await given().runs.compare({ runs: ["one thread"] });
    expect(document.settings.threads).toBe(1);
    await given().workspace.configure({ threads: null });
  });
}
