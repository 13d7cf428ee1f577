/** Stored runs and what is known of them. */
import { z } from "zod";
import { alert } from "../alerts.ts";
import { adapterSummary } from "../domain/adapter.ts";
import { analysisDocument, moduleMeasures } from "../domain/analysis.ts";
import { appRun, energyCurve, moduleRow } from "../domain/cells.ts";
import { finding } from "../domain/finding.ts";
import { pairingReport } from "../domain/pair.ts";
import { shard } from "../domain/part.ts";
import { exportFormat, procedure, runIds } from "./procedure.ts";

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
  /** The part of an analysis that it is; null where it was asked whole. */
  shard: shard.nullable(),
});
export type StoredRun = z.infer<typeof storedRun>;

export const runsProcedures = {
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
};
