import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EvaluationEvent } from "../../src/contract/api.ts";
import type { AuditSpec } from "../../src/contract/domain/audit.ts";
import { evaluationSettings, type TaskSpec } from "../../src/contract/domain/evaluation.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { type ConnectEngine, type ConnectedEngine, failureOf, hear, jobEnd } from "./harness.ts";

/** Scoring and editing over a transport, on the demo's copy in the workspace. */
export function describeScoring(connect: ConnectEngine): void {
  describe("scoring and editing", () => {
    const workspace = temporaryFolder("scoring");
    const demo = join(workspace, "demo");
    const settings = evaluationSettings.parse({ limit: 40 });
    let engine: ConnectedEngine;
    let tasks: TaskSpec[];
    beforeAll(async () => {
      engine = await connect(workspace);
      await engine.client.demo({});
      const known = await engine.client.evaluation.tasks();
      tasks = known.flatMap(({ name, file, role, definition }) =>
        file !== null && definition === null ? [{ name, file, role }] : [],
      );
    });
    afterAll(() => engine?.close());

    const auditOf = (): AuditSpec => ({
      base: join(demo, "base"),
      tuned: [{ label: "lora-r4", path: join(demo, "lora-r4") }],
      ...{ tasks, settings, lambdas: [], arms: ["scale"], which: "strongest", k: 10, epsilon: 0.5, sequence: false },
    });

    test("the demo's tasks are offered, one of them as the new skill", () => {
      expect(tasks.map(({ name, role }) => `${name} ${role}`)).toEqual([
        "arithmetic retain",
        "compare new",
        "facts retain",
        "grammar retain",
        "kinds retain",
      ]);
      for (const { file } of tasks) expect(file.startsWith(demo)).toBe(true);
    });

    test("an evaluation tells its plan, then its scores, then its document", async () => {
      const events: EvaluationEvent[] = [];
      const question = { variant: { base: join(demo, "base") }, tasks: tasks.slice(0, 2), settings };
      for await (const event of await engine.client.evaluation.run(question)) events.push(event);
      const kinds = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
      expect([kinds[0], kinds.at(-1)]).toEqual(["plan", "finished"]);
      const scored = events.flatMap((event) => (event.type === "scored" ? [event.task] : []));
      expect(scored).toEqual(["arithmetic", "compare"]);
      const last = events.at(-1);
      expect(last?.type === "finished" && last.document.tasks.map(({ items }) => items)).toEqual([40, 40]);
    });

    test("an audit goes on as a job, every window hears of its scores, and its tables are stored", async () => {
      const spec = auditOf();
      const window = await engine.another();
      const listens = Promise.withResolvers<void>();
      const heard = hear(window, (event) => {
        listens.resolve();
        return event.type === "job" && event.job.state === "finished" && event.job.question.kind === "audit";
      });
      await listens.promise;
      const { id, title } = await engine.client.jobs.start({ kind: "audit", spec });
      expect(title).toBe("Forgetting of lora-r4 against base");
      expect((await jobEnd(engine.client, id)).state).toBe("finished");
      expect((await heard).map(({ type }) => type)).toContain("scores-changed");

      const document = await engine.client.audit.stored(spec);
      expect(document.rows.map(({ label, task }) => `${label} ${task}`)).toEqual(
        tasks.map(({ name }) => `lora-r4 ${name}`),
      );
      const plan = await engine.client.audit.plan(spec);
      expect(plan).toMatchObject({ variants: 2, items: 400, stored: 400, tokens: 0 });
      expect((await engine.client.audit.questions())[0]).toEqual(spec);
      const unknown = engine.client.audit.oldTasks({ runs: ["0".repeat(12)] });
      expect(await failureOf(unknown)).toMatchObject({ code: "run.not-found" });
      const [flip] = document.flips;
      const item = await engine.client.audit.item({ ...spec, task: flip?.task ?? "", index: flip?.index ?? -1 });
      const [before, after] = item.answers;
      expect([before?.prediction, after?.prediction]).toEqual([flip?.from, flip?.to]);
    });

    test("an edit goes on as a job, and what it wrote is in the library and can be asked about", async () => {
      const out = join(workspace, "merged");
      const spec = { edit: "merge", base: join(demo, "base"), tuned: join(demo, "lora-r4"), out } as const;
      const { id } = await engine.client.jobs.start({ kind: "edit", spec });
      const job = await jobEnd(engine.client, id);
      expect(job).toMatchObject({ state: "finished", error: null, title: "lora-r4 merged written to merged" });
      expect((await engine.client.library.list()).map(({ path }) => path)).toContain(out);
      const again = await engine.client.jobs.start({ kind: "edit", spec });
      expect(await jobEnd(engine.client, again.id)).toMatchObject({
        ...{ state: "failed", error: { code: "output.exists" }, note: "Nothing was written." },
      });
    });

    test("what cannot be scored is said with its code, over every transport", async () => {
      const listen = async (variant: { base: string }): Promise<void> => {
        const stream = await engine.client.evaluation.run({ variant, tasks: tasks.slice(0, 1), settings });
        for await (const event of stream) expect(event.type).not.toBe("finished");
      };
      const adapter = await failureOf(listen({ base: join(demo, "lora-r4") }));
      expect(adapter).toMatchObject({ code: "pairing.base-is-adapter" });
      expect(await failureOf(listen({ base: join(demo, "none") }))).toMatchObject({ code: "source.not-found" });
    });
  });
}
