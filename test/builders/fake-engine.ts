/** An engine behind the real contract that answers from given documents: for the command line's tests. */
import { createRouterClient, implement, type Router } from "@orpc/server";
import type { CliContext, EngineClient } from "../../src/cli/context.ts";
import {
  type AnalysisEvent,
  type AuditEvent,
  contract,
  type DoctorLine,
  type KnownTask,
  type StoredRun,
} from "../../src/contract/api.ts";
import type { AnalysisDocument, AnalysisSpec } from "../../src/contract/domain/analysis.ts";
import type { AuditDocument, AuditSpec } from "../../src/contract/domain/audit.ts";
import type { Inspection } from "../../src/contract/domain/checkpoint.ts";
import { DeltaScopeError } from "../../src/contract/errors.ts";
import { connector } from "../../src/engine/connect.ts";
import { exampleDocument } from "./analysis-document.ts";
import { hostileItem } from "./audit-document.ts";

export interface FakeAnswers {
  document?: AnalysisDocument;
  runs?: StoredRun[];
  doctor?: DoctorLine[];
  /** Lines of `training.prepare`. */
  prepared?: string[];
  inspections?: Record<string, Inspection>;
  /** Thrown by `analysis.run` before any event. */
  failure?: DeltaScopeError;
  /** The run stays here until it is cancelled. */
  waitForCancel?: boolean;
  /** Called when it does: three modules are measured. */
  waiting?: () => void;
  /** Called with what was asked. */
  asked?: (spec: AnalysisSpec) => void;
  exported?: (file: string, format: string) => void;
  tasks?: KnownTask[];
  /** What `audit.run` answers. */
  audit?: (spec: AuditSpec) => AuditDocument;
}

/** The `openEngine` of a command line context. */
export function fakeEngine(answers: FakeAnswers = {}): CliContext["openEngine"] {
  const { inspect, demo, doctor } = contract;
  const { run: analyses, document: shown, export: exportAnalysis } = contract.analysis;
  const { run: audits, item, export: exportAudit } = contract.audit;
  const { list, compare } = contract.runs;
  const server = implement({
    ...{ inspect, demo, doctor },
    analysis: { run: analyses, document: shown, export: exportAnalysis },
    audit: { run: audits, item, export: exportAudit },
    evaluation: { tasks: contract.evaluation.tasks },
    runs: { list, compare },
    training: { prepare: contract.training.prepare },
  });
  const document = answers.document ?? exampleDocument();
  const answered = server.router({
    inspect: server.inspect.handler(({ input }) => {
      const found = answers.inspections?.[input.path];
      if (found === undefined)
        throw new DeltaScopeError("source.not-found", `${input.path} does not exist.`, input.path);
      return found;
    }),
    analysis: {
      run: server.analysis.run.handler(({ input, signal }) => events(answers, document, input, signal)),
      document: server.analysis.document.handler(() => document),
      export: server.analysis.export.handler(({ input }) => {
        answers.exported?.(input.file, input.format);
        return { file: input.file, bytes: 1 };
      }),
    },
    audit: {
      run: server.audit.run.handler(({ input }) => auditEvents(answers, input)),
      item: server.audit.item.handler(({ input }) => hostileItem(input, input.task, input.index)),
      export: server.audit.export.handler(({ input }) => {
        answers.exported?.(input.file, input.format);
        return { file: input.file, bytes: input.examples.length };
      }),
    },
    evaluation: { tasks: server.evaluation.tasks.handler(() => answers.tasks ?? []) },
    runs: {
      list: server.runs.list.handler(() => answers.runs ?? []),
      compare: server.runs.compare.handler(() => document),
    },
    demo: server.demo.handler(({ input }) => ({
      folder: input.folder ?? "/workspace/demo",
      base: "/workspace/demo/base",
      tuned: [{ label: "lora-r4", path: "/workspace/demo/lora-r4" }],
    })),
    doctor: server.doctor.handler(() => answers.doctor ?? []),
    training: {
      prepare: server.training.prepare.handler(async function* () {
        for (const line of answers.prepared ?? []) yield { type: "progress" as const, step: "packages" as const, line };
      }),
    },
  });
  // The command line asks for nothing else.
  const router = answered as typeof answered & Router<typeof contract, Record<never, never>>;
  return async () => ({
    client: createRouterClient(router) as EngineClient,
    connect: connector(router, {}),
    close: async () => undefined,
  });
}

async function* auditEvents({ audit }: FakeAnswers, spec: AuditSpec): AsyncGenerator<AuditEvent> {
  if (!audit) throw new DeltaScopeError("source.not-found", `${spec.base} does not exist.`, spec.base);
  const detectable = [{ task: "facts", items: 100, difference: 0.0886 }];
  const work = { variants: 2, items: 400, stored: 100, tokens: 9000, peakMemoryBytes: 2e8, estimatedSeconds: 9 };
  yield { type: "plan", plan: { ...work, detectable } };
  const document = audit(spec);
  for (const failure of document.failures) yield { type: "run-failed", ...failure };
  yield { type: "finished", document };
}

async function* events(
  answers: FakeAnswers,
  document: AnalysisDocument,
  spec: AnalysisSpec,
  signal: AbortSignal | undefined,
): AsyncGenerator<AnalysisEvent> {
  answers.asked?.(spec);
  if (answers.failure) throw answers.failure;
  const total = document.runs.reduce((sum, { modules }) => sum + modules.length, 0);
  yield { type: "started", job: "run-1", threads: 2, analyses: [] };
  yield { type: "plan", plan: { ...emptyPlan, modules: total } };
  let done = 0;
  for (const { label, modules } of document.runs) {
    for (const module of modules) {
      done += 1;
      const progress = {
        phase: "analyze",
        done,
        total,
        unit: "modules",
        item: module.name,
        elapsedSeconds: done,
      } as const;
      yield { type: "module", run: label, analysis: label, module, stored: false };
      yield { type: "progress", progress: { ...progress, remainingSeconds: total - done } };
      if (!answers.waitForCancel || done !== 3) continue;
      answers.waiting?.();
      await cancelled(signal);
    }
  }
  yield { type: "finished", analysis: "run-1" };
}

const emptyPlan = { units: 1, stored: 0, bytesToRead: 1e6, flops: 1e9, peakMemoryBytes: 1e8, estimatedSeconds: 3 };

async function cancelled(signal: AbortSignal | undefined): Promise<never> {
  // A pending promise alone does not keep a process alive.
  const alive = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) => {
    if (signal?.aborted) resolve();
    else signal?.addEventListener("abort", () => resolve());
  });
  clearInterval(alive);
  throw new DeltaScopeError("job.cancelled", "The analysis was cancelled.");
}
