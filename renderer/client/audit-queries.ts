/** Questions about forgetting and edits; `scores-changed` makes them be asked again. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { AuditSpec } from "../../src/contract/domain/audit.ts";
import type { Arm, Intervention } from "../../src/contract/domain/edit.ts";
import type { EngineClient } from "./engine.ts";

export const auditQuestionsQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["audit-questions"], queryFn: () => engine.audit.questions() });

export const tasksQuery = (engine: EngineClient) =>
  queryOptions({ queryKey: ["tasks"], queryFn: () => engine.evaluation.tasks() });

/** Stored answers on the old tasks of these runs, as a finding. */
export const oldTasksQuery = (engine: EngineClient, runs: readonly string[]) =>
  queryOptions({
    queryKey: ["old-tasks", runs],
    queryFn: () => engine.audit.oldTasks({ runs: [...runs] }),
    enabled: runs.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
  });

/** What is stored of a question; while another one is asked, the last answer stays. */
export const storedAuditQuery = (engine: EngineClient, spec: AuditSpec | undefined) =>
  queryOptions({
    queryKey: ["audit", spec],
    queryFn: () => engine.audit.stored(spec as AuditSpec),
    enabled: spec !== undefined,
    placeholderData: keepPreviousData,
  });

export const auditPlanQuery = (engine: EngineClient, spec: AuditSpec | undefined) =>
  queryOptions({
    queryKey: ["audit-plan", spec],
    queryFn: () => engine.audit.plan(spec as AuditSpec),
    enabled: spec !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });

export const auditItemQuery = (engine: EngineClient, spec: AuditSpec, task: string, index: number) =>
  queryOptions({
    queryKey: ["audit-item", spec, task, index],
    queryFn: () => engine.audit.item({ ...spec, task, index }),
  });

export const editGeometryQuery = (engine: EngineClient, run: string, modules?: readonly string[]) =>
  queryOptions({
    queryKey: ["edit-geometry", run, modules],
    queryFn: () => engine.edits.geometry({ run, ...(modules && { modules: [...modules] }) }),
  });

/** Measured outcomes of arms, intruders left included. */
export const armOutcomesQuery = (
  engine: EngineClient,
  run: string,
  intervention: Omit<Intervention, "arm">,
  arms: readonly Arm[],
) =>
  queryOptions({
    queryKey: ["arm-outcomes", run, intervention, arms],
    queryFn: () => engine.edits.arms({ run, intervention, arms: [...arms] }),
    retry: false,
  });
