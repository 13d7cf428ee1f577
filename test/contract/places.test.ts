import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/message-port";
import { afterAll, beforeAll, expect, test } from "vitest";
import { analysisSettings } from "../../src/contract/domain/analysis.ts";
import type { JobQuestion } from "../../src/contract/domain/job.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { writeCheckpoint } from "../builders/checkpoint.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { type EngineClient, failureOf } from "./harness.ts";

const allowed = temporaryFolder("allowed");
const outside = writeCheckpoint(join(temporaryFolder("outside"), "model"));
const inside = writeCheckpoint(join(allowed, "model"));
const engine = openEngine({ workspace: temporaryFolder("workspace"), roots: [allowed] });
const { port1, port2 } = new MessageChannel();
let client: EngineClient;

beforeAll(() => {
  const connection = engine.connect((message) => port2.postMessage(message));
  port2.on("message", (data) => void connection.message(data));
  port1.start();
  client = createORPCClient(new RPCLink({ port: port1 }));
});
afterAll(async () => {
  port1.close();
  await engine.close();
});

const question = (base: string, path: string): JobQuestion => ({
  kind: "analysis",
  spec: { base, tuned: [{ label: "x", path }], settings: analysisSettings.parse({}), embeddings: false },
});

test.each<[string, () => Promise<unknown>]>([
  ["inspect", () => client.inspect({ path: outside })],
  ["library.add", () => client.library.add({ paths: [inside, outside] })],
  ["library.browse", () => client.library.browse({ folder: outside })],
  ["jobs.start, as base", () => client.jobs.start(question(outside, inside))],
  ["jobs.start, as tuned", () => client.jobs.start(question(inside, join(inside, "../../../etc")))],
  ["analysis.export", () => client.analysis.export({ analysis: "a", format: "csv", file: `${outside}/x.csv` })],
  ["demo", () => client.demo({ folder: outside })],
])("a caller of another process gets nothing outside the allowed folders: %s", async (_, ask) => {
  expect(await failureOf(ask())).toMatchObject({ code: "place.not-allowed" });
});

test("what was refused was not added; what is allowed is", async () => {
  expect(await client.library.list()).toEqual([]);
  mkdirSync(join(allowed, "sub"));
  expect(await client.library.add({ paths: [inside] })).toMatchObject([{ path: inside, kind: "base" }]);
  expect((await client.library.browse({})).entries.map(({ name }) => name)).toEqual(["model", "sub"]);
});

test("the command line, in this process, may name any folder", async () => {
  expect(await engine.client.inspect({ path: outside })).toMatchObject({ kind: "full" });
});
