/** Every procedure and event stream of the engine. */
import { eventIterator, oc } from "@orpc/contract";
import { z } from "zod";
import { alert } from "./alerts.ts";
import { adapterSummary } from "./domain/adapter.ts";
import { analysisDocument, analysisSpec, moduleMeasures } from "./domain/analysis.ts";
import { auditDocument, auditSpec } from "./domain/audit.ts";
import { appRun, cosineMap, energyCurve, moduleRow } from "./domain/cells.ts";
import { inspection } from "./domain/checkpoint.ts";
import { arm, armOutcome, editDocument, editGeometry, editSpec, intervention } from "./domain/edit.ts";
import { evaluationDocument, evaluationSettings, taskSpec, variantSpec } from "./domain/evaluation.ts";
import { finding } from "./domain/finding.ts";
import { engineEvent, job, jobQuestion } from "./domain/job.ts";
import { libraryItem } from "./domain/library.ts";
import { pairingReport } from "./domain/pair.ts";
import { mostPins, pin, pinDraft } from "./domain/pin.ts";
import { settings, settingsChange, workspaceInfo } from "./domain/settings.ts";
import {
  adviceDocument,
  adviceQuestion,
  figureEvent,
  figureName,
  measuredOrder,
  measuredOrderQuestion,
  measuredSpectrum,
  rankMap,
  riskDocument,
  riskQuestion,
  simulationEvent,
  simulationQuestion,
  theorySweep,
  theorySweepQuestion,
} from "./domain/theory.ts";
import {
  dataPreview,
  memoryEstimate,
  newSweep,
  prepareEvent,
  preset,
  recipeQuestion,
  recipeResolution,
  runConfig,
  sweepDocument,
  sweepSummary,
  trainingEnvironment,
  trainingHistory,
  trainingRun,
} from "./domain/training.ts";
import { errorDocument, typedErrorCode } from "./errors.ts";
import { progress } from "./progress.ts";

/** What will be done, its cost and its memory, before anything is read. */
export const analysisPlan = z.object({
  modules: z.number().int(),
  units: z.number().int(),
  stored: z.number().int(),
  bytesToRead: z.number(),
  flops: z.number(),
  peakMemoryBytes: z.number(),
  estimatedSeconds: z.number(),
});
export type AnalysisPlan = z.infer<typeof analysisPlan>;

/** One event of a running analysis. The last one is `finished` or `failed`. */
export const analysisEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("started"),
    job: z.string(),
    threads: z.number().int(),
    /** Ids of the questions, in the order of the runs that opened and paired. */
    analyses: z.array(z.object({ label: z.string(), analysis: z.string() })),
  }),
  z.object({ type: z.literal("plan"), plan: analysisPlan }),
  z.object({ type: z.literal("progress"), progress }),
  z.object({ type: z.literal("alert"), alert, run: z.string().optional() }),
  z.object({ type: z.literal("run-failed"), label: z.string(), path: z.string(), error: errorDocument }),
  z.object({
    type: z.literal("module"),
    run: z.string(),
    analysis: z.string(),
    module: moduleMeasures,
    stored: z.boolean(),
  }),
  z.object({ type: z.literal("finished"), analysis: z.string() }),
]);
export type AnalysisEvent = z.infer<typeof analysisEvent>;

/** One event of an edit that is written. The last one is `finished` or the stream fails. */
export const editEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), progress }),
  z.object({ type: z.literal("alert"), alert }),
  z.object({ type: z.literal("finished"), document: editDocument }),
]);
export type EditEvent = z.infer<typeof editEvent>;

/** Work that scoring will take, shown before it starts. */
export const scoringPlan = z.object({
  variants: z.number().int(),
  items: z.number().int(),
  /** Items whose answers are stored already. */
  stored: z.number().int(),
  /** Tokens to run, after sharing. */
  tokens: z.number(),
  peakMemoryBytes: z.number(),
  estimatedSeconds: z.number(),
  /** Smallest difference in accuracy that each task's items can show (80 % power). */
  detectable: z.array(z.object({ task: z.string(), items: z.number().int(), difference: z.number().nullable() })),
});
export type ScoringPlan = z.infer<typeof scoringPlan>;

/** One event of an evaluation or audit; `scored` says that a variant's answers to a task are stored. */
const scoringEvents = [
  z.object({ type: z.literal("plan"), plan: scoringPlan }),
  z.object({ type: z.literal("progress"), progress }),
  z.object({ type: z.literal("alert"), alert, run: z.string().optional() }),
  z.object({ type: z.literal("run-failed"), label: z.string(), path: z.string(), error: errorDocument }),
  z.object({
    type: z.literal("scored"),
    label: z.string(),
    task: z.string(),
    arm,
    lambda: z.number(),
    value: z.number(),
    stored: z.boolean(),
  }),
] as const;
export const evaluationEvent = z.discriminatedUnion("type", [
  ...scoringEvents,
  z.object({ type: z.literal("finished"), document: evaluationDocument }),
]);
export type EvaluationEvent = z.infer<typeof evaluationEvent>;
export const auditEvent = z.discriminatedUnion("type", [
  ...scoringEvents,
  z.object({ type: z.literal("finished"), document: auditDocument }),
]);
export type AuditEvent = z.infer<typeof auditEvent>;

/** A ready-made task, or a file of items that the engine knows. */
export const knownTask = z.object({
  name: z.string(),
  /** Key of the ready-made definition; null for files of items. */
  definition: z.string().nullable(),
  title: z.string(),
  kind: z.enum(["choice", "text"]),
  role: taskSpec.shape.role.unwrap(),
  /** Local file that holds its items; null when it must be named or fetched first. */
  file: z.string().nullable(),
  items: z.number().int().nullable(),
  /** Repository of the Hub that publishes it. */
  repository: z.string().nullable(),
});
export type KnownTask = z.infer<typeof knownTask>;

/** One item as a person reads it, with what every stored variant answered. */
export const itemDetail = z.object({
  task: z.string(),
  index: z.number().int(),
  context: z.string(),
  choices: z.array(z.string()),
  gold: z.array(z.number().int()),
  answers: z.array(
    z.object({
      /** null: the base. */
      run: z.string().nullable(),
      label: z.string(),
      arm,
      lambda: z.number(),
      prediction: z.number().int(),
      loglikelihoods: z.array(z.number()),
      /** exp of the log-likelihoods, normalised over the choices. */
      probabilities: z.array(z.number()),
    }),
  ),
});
export type ItemDetail = z.infer<typeof itemDetail>;

export const storedRun = z.object({
  id: z.string(),
  analysis: z.string(),
  label: z.string(),
  kind: z.enum(["adapter", "full"]),
  path: z.string(),
  basePath: z.string(),
  finishedAt: z.string().nullable(),
  state: z.enum(["running", "finished", "cancelled", "failed", "interrupted"]),
  modules: z.number().int(),
});
export type StoredRun = z.infer<typeof storedRun>;

export const exportFormat = z.enum(["json", "csv", "parquet", "html"]);
export type ExportFormat = z.infer<typeof exportFormat>;

export const doctorLine = z.object({
  check: z.string(),
  status: z.enum(["ok", "warning", "missing"]),
  detail: z.string(),
  remedy: z.string().optional(),
});
export type DoctorLine = z.infer<typeof doctorLine>;

/** Where the bundled demo was put, ready for `analysis.run`. */
export const demoCopy = z.object({
  folder: z.string(),
  base: z.string(),
  tuned: z.array(z.object({ label: z.string(), path: z.string() })),
});
export type DemoCopy = z.infer<typeof demoCopy>;

/** Every failure of the engine crosses as this one typed error; `data` is the error document. */
const procedure = oc.errors({ [typedErrorCode]: { data: errorDocument } });

/** The longest path that Linux allows. */
const path = z.string().min(1).max(4096);

const runIds = z.object({ runs: z.array(z.string()).min(1).max(8) });

export const contract = {
  inspect: procedure.input(z.object({ path: z.string() })).output(inspection),
  analysis: {
    run: procedure.input(analysisSpec).output(eventIterator(analysisEvent)),
    document: procedure.input(z.object({ analysis: z.string() })).output(analysisDocument),
    export: procedure
      .input(
        z.object({
          analysis: z.string(),
          format: exportFormat,
          file: z.string(),
          overwrite: z.boolean().default(false),
        }),
      )
      .output(z.object({ file: z.string(), bytes: z.number() })),
  },
  runs: {
    list: procedure.output(z.array(storedRun)),
    compare: procedure.input(z.object({ runs: z.array(z.string()).min(1) })).output(analysisDocument),
    /** The workspace's runs as the app shows them, in the order of their letters. */
    all: procedure.output(z.array(appRun)),
    /** Scalar rows of every stored module of these runs. */
    rows: procedure.input(runIds).output(z.array(moduleRow)),
    /** Findings over these runs at any ε and k that the stored bounds can decide, over chosen layers and kinds. */
    findings: procedure
      .input(
        runIds.extend({
          k: z.number().int().optional(),
          epsilon: z.number().optional(),
          side: z.enum(["left", "right"]).optional(),
          layers: z.object({ from: z.number().int(), to: z.number().int() }).optional(),
          kinds: z.array(z.string()).optional(),
        }),
      )
      .output(z.array(finding)),
    /** Everything stored of one module of one run. */
    module: procedure.input(z.object({ run: z.string(), name: z.string() })).output(moduleMeasures),
    energyCurves: procedure
      .input(runIds.extend({ kinds: z.array(z.string()).optional() }))
      .output(z.array(z.object({ run: z.string(), curves: z.array(energyCurve) }))),
    /** Alerts and pairing of one run. */
    details: procedure.input(z.object({ run: z.string() })).output(
      z.object({
        run: appRun,
        alerts: z.array(alert),
        pairing: pairingReport,
        adapter: adapterSummary.nullable(),
        fingerprint: z.string(),
      }),
    ),
    /** A comparison of these runs as a file's content: text, or base64 for Parquet. */
    render: procedure
      .input(runIds.extend({ format: exportFormat }))
      .output(z.object({ name: z.string(), mime: z.string(), content: z.string(), base64: z.boolean() })),
  },
  inspector: {
    /** The stored exact view, or null when it was not computed yet. */
    stored: procedure
      .input(z.object({ run: z.string(), name: z.string(), side: z.enum(["left", "right"]) }))
      .output(cosineMap.nullable()),
    /** Computes and stores the exact view of one module. */
    compute: procedure
      .input(z.object({ run: z.string(), name: z.string(), side: z.enum(["left", "right"]) }))
      .output(cosineMap),
  },
  report: {
    /** Each answers all pins as they are now, in the order of the report. */
    pins: {
      list: procedure.output(z.array(pin)),
      add: procedure.input(pinDraft).output(z.array(pin)),
      remove: procedure.input(z.object({ pins: z.array(z.string()).max(mostPins) })).output(z.array(pin)),
      note: procedure.input(z.object({ pin: z.string(), note: pin.shape.note })).output(z.array(pin)),
      /** Puts these first, in this order. */
      arrange: procedure.input(z.object({ pins: z.array(z.string()).max(mostPins) })).output(z.array(pin)),
    },
  },
  evaluation: {
    /** Scores one variant on tasks; answers of items that are stored are not computed again. */
    run: procedure
      .input(
        z.object({
          variant: variantSpec,
          tasks: z.array(taskSpec).min(1),
          settings: evaluationSettings,
          threads: z.number().int().min(1).optional(),
        }),
      )
      .output(eventIterator(evaluationEvent)),
    /** Ready-made tasks, and the demo's files of items. */
    tasks: procedure.output(z.array(knownTask)),
    /** Writes a document as a JSON file. */
    export: procedure
      .input(z.object({ document: evaluationDocument, file: z.string(), overwrite: z.boolean().default(false) }))
      .output(z.object({ file: z.string(), bytes: z.number() })),
  },
  audit: {
    run: procedure.input(auditSpec).output(eventIterator(auditEvent)),
    plan: procedure.input(auditSpec).output(scoringPlan),
    /** What is stored of this question, without computing anything; rows that are missing are absent. */
    stored: procedure.input(auditSpec).output(auditDocument),
    /** The newest audit of each base that the workspace has started, to open the view on. */
    questions: procedure.output(z.array(auditSpec)),
    /** What stored answers say of the old tasks of these runs, in one sentence; none where nothing is stored. */
    oldTasks: procedure.input(runIds).output(z.array(finding)),
    /** `tuned` are the labels and paths of the question; one item with all stored answers. */
    item: procedure.input(auditSpec.extend({ task: z.string(), index: z.number().int() })).output(itemDetail),
    /** Writes a document as a file; CSV holds one row per run × task × λ × arm. */
    export: procedure
      .input(
        z.object({
          document: auditDocument,
          /** Flipped items in full, for pages. */
          examples: z.array(itemDetail).max(50).default([]),
          format: exportFormat.exclude(["parquet"]),
          file: z.string(),
          overwrite: z.boolean().default(false),
        }),
      )
      .output(z.object({ file: z.string(), bytes: z.number() })),
  },
  edits: {
    run: procedure.input(editSpec).output(eventIterator(editEvent)),
    /** Closed-form numbers of the chosen modules (all with intruders when none are named). */
    geometry: procedure
      .input(z.object({ run: z.string(), modules: z.array(z.string()).optional() }))
      .output(z.array(editGeometry)),
    /** Measured outcome of arms, intruders left included. */
    arms: procedure
      .input(z.object({ run: z.string(), intervention: intervention.omit({ arm: true }), arms: z.array(arm).min(1) }))
      .output(z.array(armOutcome)),
  },
  theory: {
    risk: procedure.input(riskQuestion).output(riskDocument),
    sweep: procedure.input(theorySweepQuestion).output(theorySweep),
    /** Closed forms first, then the simulated means as they come. */
    figure: procedure
      .input(
        z.object({
          name: figureName,
          replicates: z.number().int().min(0).max(100_000).default(100),
          seed: z.number().int().min(0).default(1),
        }),
      )
      .output(eventIterator(figureEvent)),
    /** Simulated means beside closed forms, place by place; a reader that stops listening ends it. */
    simulate: procedure.input(simulationQuestion).output(eventIterator(simulationEvent)),
    /** One measured spectrum of a stored run, to feed the lab with. */
    spectrum: procedure.input(z.object({ run: z.string(), module: z.string().optional() })).output(measuredSpectrum),
    /** Stored accuracies by rank beside the order that a setting predicts; null without such a sweep. */
    measured: procedure.input(measuredOrderQuestion).output(measuredOrder.nullable()),
    advise: procedure.input(adviceQuestion).output(adviceDocument),
    /** Recommended rank of the whole source over samples and noise. */
    rankMap: procedure
      .input(
        z.object({
          source: adviceQuestion.shape.source,
          n: rankMap.shape.n.max(64),
          rho: rankMap.shape.rho.max(64),
        }),
      )
      .output(rankMap),
    /** One question of the golden file's kinds. */
    ask: procedure.input(z.object({ kind: z.string(), input: z.unknown() })).output(z.unknown()),
  },
  training: {
    /** The recipes that come with the program. */
    presets: procedure.output(z.array(preset)),
    /**
     * Which Python trains, and what it has; probing takes seconds and is remembered until `refresh`. `python` asks
     * about that interpreter in place of the one in use.
     */
    environment: procedure
      .input(z.object({ python: path.optional(), refresh: z.boolean().default(false) }))
      .output(trainingEnvironment),
    /** Makes the managed environment from the pinned requirements; what stood there stays until the new one works. */
    prepare: procedure.output(eventIterator(prepareEvent)),
    /** Fills a recipe in and checks it against the base, the data and the disk. */
    resolve: procedure.input(recipeQuestion).output(recipeResolution),
    /** What would be trained on, made by the trainer's own code. */
    preview: procedure.input(runConfig).output(dataPreview),
    estimate: procedure.input(runConfig).output(memoryEstimate),
    /** What was started last comes first. */
    runs: procedure.output(z.array(trainingRun)),
    run: procedure.input(z.object({ run: z.string() })).output(trainingHistory),
    /** The last lines that the trainer wrote for people. */
    log: procedure.input(z.object({ run: z.string() })).output(z.object({ lines: z.array(z.string()) })),
    /** Ends a run after its current step; answers it after about a second, ended where that came sooner. */
    stop: procedure.input(z.object({ run: z.string(), checkpoint: z.boolean() })).output(trainingRun),
    sweeps: procedure.output(z.array(sweepSummary)),
    sweep: procedure.input(z.object({ sweep: z.string() })).output(sweepDocument),
    /** Reads a sweep from its YAML file. */
    readSweep: procedure.input(z.object({ file: path })).output(newSweep),
    /** Grid of a sweep before it starts. */
    plan: procedure.input(newSweep).output(z.object({ cells: z.array(sweepDocument.shape.cells.element) })),
    /** Writes a sweep's configurations into its folder; answers one command for each run that is missing. */
    printJobs: procedure
      .input(newSweep.extend({ out: z.string() }))
      .output(z.object({ commands: z.array(z.string()) })),
  },
  library: {
    list: procedure.output(z.array(libraryItem)),
    /**
     * Recognises each path (a folder may hold several sources) and keeps it in the workspace. Answers the added items.
     * Loose files that belong to no checkpoint are passed over; `library.nothing-found` where nothing else was given.
     */
    add: procedure.input(z.object({ paths: z.array(path).min(1).max(20_000) })).output(z.array(libraryItem)),
    remove: procedure.input(z.object({ items: z.array(z.string()) })).output(z.array(libraryItem)),
    /** Takes back a removal. */
    restore: procedure.input(z.object({ items: z.array(z.string()) })).output(z.array(libraryItem)),
    /** Says which base an item belongs to; null makes a full checkpoint a base itself. */
    assignBase: procedure
      .input(z.object({ item: z.string(), base: z.string().nullable() }))
      .output(z.array(libraryItem)),
    scanCache: procedure.output(z.array(libraryItem)),
    /**
     * Sub-folders of a folder that may be opened, for the browser, which has no file dialog of its own; with `files`
     * (ends of names, ".jsonl") also the files that end so.
     */
    browse: procedure
      .input(z.object({ folder: z.string().optional(), files: z.array(z.string().max(20)).max(20).optional() }))
      .output(
        z.object({
          folder: z.string(),
          parent: z.string().nullable(),
          entries: z.array(
            z.object({ name: z.string(), path: z.string(), kind: z.enum(["folder", "model", "adapter", "file"]) }),
          ),
        }),
      ),
  },
  jobs: {
    list: procedure.output(z.array(job)),
    /** Queues work; it goes on whatever happens to the window that asked. */
    start: procedure.input(jobQuestion).output(job),
    cancel: procedure.input(z.object({ job: z.string() })).output(job),
    /** Stops the work and keeps what is finished; `resume` goes on from there. */
    pause: procedure.input(z.object({ job: z.string() })).output(job),
    /** Starts the same question again; stored modules are not computed twice. */
    resume: procedure.input(z.object({ job: z.string() })).output(job),
    clear: procedure.input(z.object({ jobs: z.array(z.string()) })).output(z.array(job)),
  },
  /** Everything that changes, for as long as the caller listens. */
  events: procedure.output(eventIterator(engineEvent)),
  workspace: {
    info: procedure.output(workspaceInfo),
    /**
     * Opens the workspace, or with `readOnly` a copy of it as it is now, to look at while another process holds it.
     * Where it is open already nothing changes, but a copy is taken anew.
     */
    open: procedure.input(z.object({ readOnly: z.boolean() })).output(workspaceInfo),
    /** What can be made again: merged checkpoints and the like. */
    cache: procedure.output(z.object({ bytes: z.number() })),
    /** @throws `cache.in-use` while a job runs. */
    clearCache: procedure.output(z.object({ bytes: z.number() })),
    settings: procedure.output(settings),
    configure: procedure.input(settingsChange).output(settings),
    /** Copies the demo into the workspace where needed, adds it to the library and queues its analysis. */
    openDemo: procedure.output(z.object({ items: z.array(libraryItem), job: job.nullable() })),
  },
  /** Copies the bundled demo to `folder`, by default into the workspace; files that stand there already are kept. */
  demo: procedure.input(z.object({ folder: z.string().optional() })).output(demoCopy),
  doctor: procedure.output(z.array(doctorLine)),
};
export type Contract = typeof contract;
