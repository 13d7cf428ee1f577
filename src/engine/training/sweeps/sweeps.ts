/** The sweeps of a workspace. */
import { join } from "node:path";
import type { HubNeed } from "../../../contract/domain/hub.ts";
import type { Job } from "../../../contract/domain/job.ts";
import type {
  DiskRoom,
  NewSweep,
  SweepDocument,
  SweepJobSpec,
  SweepSummary,
} from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Turn } from "../../jobs/semaphore.ts";
import { freeBytesAt } from "../../source/free-bytes.ts";
import { writeWhole } from "../../source/write-whole.ts";
import type { SweepRecord } from "../../store/trainings.ts";
import type { Store } from "../../store/types.ts";
import { absolute } from "../recipes/paths.ts";
import { freshId } from "../run-names.ts";
import type { Permit } from "../runs/begin.ts";
import type { TrainingServices } from "../runs/services.ts";
import type { Trainings } from "../runs/trainings.ts";
import { bytesOfSweep } from "./disk.ts";
import { plannedCell, sweepDocumentOf } from "./document.ts";
import { type Cell, expandSweep, needsOf } from "./expand.ts";
import { cellFolder, heldSweep, readResult, readSweepFile, runId } from "./folder.ts";
import { takeFound } from "./found-run.ts";
import { type MeasureServices, taskFiles } from "./measure-cell.ts";
import { newCells } from "./new-cells.ts";
import { printJobs } from "./print-jobs.ts";
import { runSweep, type SweepStep } from "./run-sweep.ts";
import { sweepTable } from "./table.ts";

export interface SweepServices
  extends MeasureServices,
    Pick<TrainingServices, "resolve" | "python" | "devices" | "keep" | "unattended"> {
  store: Pick<Store, "putSweep" | "sweeps">;
  /** Holds the folders of sweeps that nobody named a place for. */
  folder: string;
  trainings: Trainings;
}

export interface Sweeps {
  list(): Promise<SweepSummary[]>;
  /** @throws DeltaScopeError `training.not-found` */
  document(id: string): Promise<SweepDocument>;
  /** Grid of a sweep that was not started. */
  plan(question: NewSweep, permit?: Permit): Promise<{ cells: SweepDocument["cells"]; disk: DiskRoom }>;
  /** What a sweep that was not started names of the Hub and what is not on this machine. */
  needs(question: NewSweep, permit?: Permit): Promise<HubNeed[]>;
  nameOf(id: string): string;
  /** Writes a sweep down that waits for its start; answers its id. */
  begin(spec: SweepJobSpec, permit?: Permit): Promise<string>;
  execute(id: string, signal: AbortSignal, turn?: Turn): AsyncGenerator<SweepStep, void>;
  ended(id: string, state: Job["state"]): Promise<void>;
  printJobs(question: NewSweep & { out: string }, permit?: Permit): Promise<string[]>;
  /** Whether the program ended in the middle of a sweep whose runs outlive it: it goes on without being asked. */
  isLeft(id: string): boolean;
  /** Before the end of this program. */
  leave(): void;
}

export async function createSweeps(services: SweepServices): Promise<Sweeps> {
  const records = new Map((await services.store.sweeps()).map((record) => [record.id, record]));
  const outlives = await services.unattended();
  let leaving = false;
  const grids = new Map<string, Promise<Cell[]>>();
  const recordOf = (id: string): SweepRecord => {
    const record = records.get(id);
    if (record) return record;
    throw new DeltaScopeError("training.not-found", `There is no sweep ${JSON.stringify(id.slice(0, 64))}.`);
  };
  const put = async (record: SweepRecord): Promise<void> => {
    records.set(record.id, record);
    await services.store.putSweep(record);
  };
  const cellsOf = (id: string): Promise<Cell[]> => {
    const { spec, folder } = recordOf(id);
    const known = grids.get(id) ?? readGrid(folder, spec, services);
    grids.set(id, known);
    known.catch(() => grids.delete(id));
    return known;
  };
  const document = async (id: string): Promise<SweepDocument> => {
    const record = recordOf(id);
    const cells = await cellsOf(id);
    const runs = new Map(services.trainings.runs().map((run) => [run.id, run]));
    for (const cell of cells) {
      const known = { trainings: services.trainings, record: runs.get(runId(record, cell)), kept: false };
      const found = await takeFound(cell, record, known);
      if (found) runs.set(found.id, found);
    }
    return sweepDocumentOf({ ...record, cells }, record.state, (cell) => runs.get(runId(record, cell)));
  };
  const writeTable = async (id: string): Promise<void> => {
    const whole = await document(id);
    await writeWhole(join(whole.folder, "results.csv"), sweepTable(whole.cells));
  };
  const begin = async (question: NewSweep, permit: Permit): Promise<string> => {
    const { out } = question;
    const spec = withAbsoluteTasks(question);
    const cells = await newCells(question, services, permit); // refused before anything is written
    await services.readTasks(taskFiles(spec, cells));
    const found = out === undefined ? undefined : await heldSweep(out, spec, cells);
    const id = found?.id ?? freshId(spec.name, "sweep");
    const folder = out ?? join(services.folder, id);
    await writeWhole(join(folder, "sweep.json"), sweepText({ id, spec, folder: question.folder }));
    grids.delete(id);
    await put({ id, folder, spec, askedAt: new Date().toISOString(), state: "queued" });
    return id;
  };

  return {
    list: () =>
      Promise.all(
        [...records.values()]
          .toSorted(newestFirst)
          .map(async (record) => summaryOf(record, await cellsOf(record.id).catch(() => []))),
      ),
    document,
    async plan(question, permit) {
      const cells = await newCells(question, services, permit);
      const neededBytes = await bytesOfSweep(cells, question.sweep.keep);
      const disk = { neededBytes, freeBytes: await freeBytesAt(question.out ?? services.folder) };
      return { cells: cells.map((cell) => plannedCell(cell)), disk };
    },
    needs: (question, permit) => needsOf(question, services, permit),
    nameOf: (id) => recordOf(id).spec.name,
    async begin(spec, permit) {
      if (!("id" in spec)) return begin(spec, permit);
      await put({ ...recordOf(spec.id), state: "queued" });
      return spec.id;
    },
    async *execute(id, signal, turn) {
      const record = recordOf(id);
      await put({ ...record, state: "running" });
      const sweep = { ...record, cells: await cellsOf(id), startedAt: Date.now() };
      for await (const step of runSweep({ ...sweep, turn }, services, signal)) {
        if (step.type === "measured") await writeTable(id);
        yield step;
      }
    },
    async ended(id, state) {
      if (leaving) return; // the next start finds it as one that was under way
      const ended = state === "failed" || state === "queued" || state === "running" ? "paused" : state;
      await put({ ...recordOf(id), state: ended });
      await writeTable(id);
    },
    async printJobs(question, permit) {
      const id = await begin(question, permit);
      // Not paused: what waits to be resumed here would be trained twice.
      await put({ ...recordOf(id), state: "cancelled" });
      return printJobs({ ...recordOf(id), cells: await cellsOf(id) }, await services.python());
    },
    isLeft(id) {
      const cells = services.trainings.runs().filter(({ sweep }) => sweep === id);
      return recordOf(id).interrupted === true && (outlives || cells.some((run) => services.trainings.isLeft(run.id)));
    },
    leave() {
      leaving = true;
    },
  };
}

/** The grid of a sweep's folder; its recipe counts paths from where it was asked. */
async function readGrid(folder: string, spec: SweepRecord["spec"], services: SweepServices): Promise<Cell[]> {
  const file = await readSweepFile(folder);
  return expandSweep({ sweep: spec, folder: file?.folder }, services);
}

function withAbsoluteTasks({ sweep, folder }: NewSweep): NewSweep["sweep"] {
  const tasks = sweep.tasks.map(({ file, role }) => ({ file: absolute(file, folder ?? ""), role }));
  return { ...sweep, tasks };
}

async function summaryOf(
  { id, folder, state, askedAt, spec }: SweepRecord,
  cells: readonly Cell[],
): Promise<SweepSummary> {
  const results = await Promise.all(cells.map(({ sha }) => readResult(cellFolder(folder, sha))));
  const finished = results.filter((result) => result !== undefined).length;
  return { id, folder, state, askedAt, name: spec.name, cells: cells.length, finished };
}

function sweepText(file: { id: string; spec: SweepRecord["spec"]; folder: string | undefined }): string {
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

function newestFirst(one: SweepRecord, other: SweepRecord): number {
  return one.askedAt < other.askedAt ? 1 : -1;
}
