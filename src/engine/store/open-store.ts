/** The store over DuckDB: what types.ts promises, put together from the queries of this folder. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { DeltaScopeError } from "../../contract/errors.ts";
import { readAnalysis, writeAnalysis } from "./analyses.ts";
import { readAudits, writeAudit } from "./audits.ts";
import { readCells, readSpectra } from "./cells.ts";
import { type Database, markDamaged, type OpenOptions, openDatabase } from "./database.ts";
import { readExactView, writeExactViews } from "./exact-views.ts";
import { exportAnalyses, exportRun } from "./export.ts";
import { isDamage, storeFailure } from "./failures.ts";
import { giveLetters, readLetters, readLibrary, readSettings, writeLibrary, writeSettings } from "./library.ts";
import { encodeModule } from "./module-codec.ts";
import {
  encodeVector,
  readModules,
  readTests,
  readVectors,
  storedModuleNames,
  storedVectorNames,
  writeModules,
  writeVectors,
} from "./modules.ts";
import { readOverlap, writeOverlap } from "./overlaps.ts";
import { exportPart } from "./part-tables.ts";
import { addPin, arrangePins, notePin, readPins, removePins } from "./pins.ts";
import { findMember, listRuns, readRun, writeRun } from "./runs.ts";
import {
  type EncodedScore,
  encodeScore,
  readEvaluationAlerts,
  readEvaluations,
  readScores,
  removeScores,
  writeEvaluation,
  writeScores,
} from "./scores.ts";
import { findAnalysis, readSummaries } from "./summaries.ts";
import { readSweeps, readTraining, readTrainings, writeSweep, writeTraining } from "./trainings.ts";
import type { Store } from "./types.ts";
import { createGroupCommit, createQueue } from "./writer.ts";

/**
 * Opens or makes the database `file`. Damage moves it aside and starts a new one (`recovered`); runs that a dead
 * process left behind become `interrupted`. Throws `store.locked`, `store.newer`, `workspace.not-writable`,
 * `workspace.disk-full` or `store.failed`.
 */
export async function openStore(file: string, options: OpenOptions = {}): Promise<Store> {
  const database = await openDatabase(file, options);
  const { writer } = database;
  const queue = createQueue();
  const guard = createGuard(database);
  const read = <T>(question: (reader: DuckDBConnection) => Promise<T>): Promise<T> =>
    guard(() => askOnce(database, question));
  const write = (change: () => Promise<void>): Promise<void> => queue.run(() => guard(change));
  const putModules = createGroupCommit(queue, (rows: ReturnType<typeof encodeModule>[]) =>
    guard(() => writeModules(writer, rows)),
  );
  const putVectors = createGroupCommit(queue, (rows: ReturnType<typeof encodeVector>[]) =>
    guard(() => writeVectors(writer, rows)),
  );
  const putScores = createGroupCommit(queue, (rows: EncodedScore[]) => guard(() => writeScores(writer, rows)));
  const versions = new Map<string, number>();
  return {
    recovered: database.recovered,
    interrupted: database.interrupted.runs,
    interruptedAudits: database.interrupted.audits,
    putAnalysis: (record) => write(() => writeAnalysis(writer, record)),
    storedModules: (analysis) => read((reader) => storedModuleNames(reader, analysis)),
    storedVectors: (analysis) => read((reader) => storedVectorNames(reader, analysis)),
    putModules: async (rows) => {
      await putModules(rows.map(encodeModule));
      for (const { analysis } of rows) versions.set(analysis, (versions.get(analysis) ?? 0) + 1);
    },
    version: (analysis) => versions.get(analysis) ?? 0,
    putVectors: async (rows) => putVectors(rows.map(encodeVector)),
    modules: (analysis, names) => read((reader) => readModules(reader, analysis, names)),
    tests: (analysis) => read((reader) => readTests(reader, analysis)),
    cells: (analyses) => read((reader) => readCells(reader, analyses)),
    spectra: (analysis, kinds) => read((reader) => readSpectra(reader, analysis, kinds)),
    vectors: (analysis) => read((reader) => readVectors(reader, analysis)),
    putOverlap: (first, second, modules) => write(() => writeOverlap(writer, first, second, modules)),
    overlap: (first, second) => read((reader) => readOverlap(reader, first, second)),
    analysis: (id) => read((reader) => readAnalysis(reader, id)),
    analyses: () => read((reader) => readSummaries(reader)),
    findAnalysis: (prefix) => read((reader) => findAnalysis(reader, prefix)),
    startRun: (record) => write(() => writeRun(writer, record)),
    finishRun: (record) => write(() => writeRun(writer, record)),
    run: (id) => read((reader) => readRun(reader, id)),
    findMember: (name) => read((reader) => findMember(reader, name)),
    listRuns: () => read((reader) => listRuns(reader)),
    exportModules: (run, format, target) => read((reader) => exportRun(reader, run, format, target)),
    exportAnalyses: (members, format, target) => read((reader) => exportAnalyses(reader, members, format, target)),
    exportPart: (share, folder) => read((reader) => exportPart(reader, share, folder)),
    library: () => read((reader) => readLibrary(reader)),
    putLibrary: (items) => write(() => writeLibrary(writer, items)),
    letters: () => read((reader) => readLetters(reader)),
    giveLetters: (fingerprints) => write(() => giveLetters(writer, fingerprints)),
    settings: () => read((reader) => readSettings(reader)),
    putSettings: (changes) => write(() => writeSettings(writer, changes)),
    exactView: (key) => read((reader) => readExactView(reader, key)),
    putExactViews: (views) => write(() => writeExactViews(writer, views)),
    pins: () => read((reader) => readPins(reader)),
    addPin: (pin) => write(() => addPin(writer, pin)),
    removePins: (ids) => write(() => removePins(writer, ids)),
    notePin: (id, note) => write(() => notePin(writer, id, note)),
    arrangePins: (ids) => write(() => arrangePins(writer, ids)),
    putEvaluation: (record) => write(() => writeEvaluation(writer, record)),
    evaluations: () => read((reader) => readEvaluations(reader)),
    evaluationAlerts: (id) => read((reader) => readEvaluationAlerts(reader, id)),
    putScores: async (evaluation, rows) => putScores(rows.map((row) => encodeScore(evaluation, row))),
    removeScores: (evaluation, items) => write(() => removeScores(writer, evaluation, items)),
    scores: (evaluation) => read((reader) => readScores(reader, evaluation)),
    putAudit: (record) => write(() => writeAudit(writer, record)),
    putTraining: (record) => write(() => writeTraining(writer, record)),
    trainings: () => read((reader) => readTrainings(reader)),
    training: (id) => read((reader) => readTraining(reader, id)),
    putSweep: (record) => write(() => writeSweep(writer, record)),
    sweeps: () => read((reader) => readSweeps(reader)),
    audits: () => read((reader) => readAudits(reader)),
    close: () => queue.run(guard.close),
  };
}

async function askOnce<T>(database: Database, question: (reader: DuckDBConnection) => Promise<T>): Promise<T> {
  const reader = await database.connect();
  try {
    return await question(reader);
  } finally {
    reader.closeSync();
  }
}

interface Guard {
  <T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Turns every failure into a DeltaScopeError, remembers damage, and refuses work after the end. */
function createGuard(database: Database): Guard {
  let open = true;
  const active = new Set<Promise<unknown>>();
  const translate = async (error: unknown): Promise<never> => {
    if (isDamage(error)) await markDamaged(database.file, String(error));
    throw storeFailure(error, database.file);
  };
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!open) throw new DeltaScopeError("store.failed", `The database ${database.file} is closed.`, database.file);
    const done = work();
    active.add(done);
    return done.catch(translate).finally(() => active.delete(done));
  };
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await Promise.allSettled(active);
    // Closing does the same while the event loop waits; a disk that is full keeps the log, which holds every commit.
    await database.writer.run("CHECKPOINT").catch(() => undefined);
    database.close();
  };
  return Object.assign(run, { close });
}
