/** Failures that cross process boundaries: values with a code, a place and a tip, never stack traces. */
import { z } from "zod";

/** The closed list of codes with the tip a person gets; `undefined` where the message says all there is. */
const TIPS = {
  "usage.invalid": "Run the command with --help to see its options and an example.",
  "native.missing": "Install Rust from https://rustup.rs, then run `npm install` again.",
  "native.panicked": "This is a defect of DeltaScope; please report it with the files' headers.",
  "source.not-found": "Check the path; `deltascope download owner/name` brings a model of the Hub to this machine.",
  "source.empty": "Name the folder that holds config.json and the safetensors files.",
  "source.unreadable": "Check the permissions of the file and of the folders above it.",
  "source.path-escape": "Links and index entries may only point inside the opened folder.",
  "source.changed": "Wait until the file is written completely, then run the analysis again.",
  "source.truncated": "Copy or download the file again; it ends before the bytes its header promises.",
  "source.ambiguous": "Name one of the listed folders, or keep the model and the adapter in separate folders.",
  "hub.not-found":
    "Check owner, name and revision on the Hub; private ones need a token: `deltascope hub token status` says which is used.",
  "hub.gated":
    "Accept the terms on its page, then give a token of that account: in the settings, by `deltascope hub token set`, or in HF_TOKEN.",
  "hub.unauthorised": "Give a valid token: in the settings, by `deltascope hub token set`, or in HF_TOKEN.",
  "hub.keychain": "Without a keychain set HF_TOKEN, or log in with `hf auth login`.",
  "hub.offline": "Unset HF_HUB_OFFLINE, or name a model that is in the Hugging Face cache.",
  "hub.network-off": "Set the network to “on request” in the settings, or name a model that is on this machine.",
  "hub.endpoint-invalid": "Set HF_ENDPOINT to an http or https address such as https://huggingface.co, or unset it.",
  "hub.unreachable": "Check the connection, HF_ENDPOINT and HTTPS_PROXY, then ask again; what was loaded is kept.",
  "hub.rate-limited": "Wait some minutes, or set HF_TOKEN: with a token the Hub allows more. What was loaded is kept.",
  "hub.server": "The Hub has trouble; ask again later. What was loaded is kept.",
  "hub.answer-invalid": "Check HF_ENDPOINT: what answers there does not speak the Hub's language.",
  "hub.changed": "The model changed while it was read; ask again.",
  "hub.incomplete": "Ask again: the download goes on where it stopped.",
  "hub.checksum": "Nothing of the file was kept. Ask again; a proxy that alters downloads is the usual cause.",
  "hub.disk-full": "Free some space, or set HF_HUB_CACHE to a folder on a larger disk.",
  "safetensors.header-invalid": "The file is damaged or not a safetensors file; download or save it again.",
  "safetensors.dtype-unsupported": "Save the checkpoint as float32, float16 or bfloat16.",
  "json.invalid": "The file must be plain JSON; download or save it again.",
  "checkpoint.pickle":
    "Pickle files can run code and are never opened; load it in Python and save it again as safetensors.",
  "checkpoint.shard-missing":
    "Copy the missing file into the folder; `deltascope download` goes on with a model of the Hub.",
  "checkpoint.path-escape": "Index entries may only name files of the same folder.",
  "checkpoint.contains-adapter": "Save the adapter with save_pretrained and open that folder, or merge it first.",
  "checkpoint.quantised": "Use the 16-bit original instead.",
  "checkpoint.no-tensors": "The folder holds no weights that could be compared.",
  "checkpoint.config-invalid": "config.json must be the model's configuration as transformers writes it.",
  "adapter.pickle":
    "Pickle files can run code and are never opened; load it in Python and save it again as safetensors.",
  "adapter.weights-missing": "Copy adapter_model.safetensors into the folder.",
  "adapter.config-missing": "Copy adapter_config.json into the folder; without it the scale is unknown.",
  "adapter.config-invalid": "Compare adapter_config.json with the one that peft wrote.",
  "adapter.not-peft": "Convert the adapter to the format of peft first.",
  "adapter.keys-unrecognised": "Save the adapter with peft's save_pretrained.",
  "adapter.tensor-missing": "Save the adapter again; a tensor that its configuration promises is absent.",
  "adapter.shape-mismatch": "Check that the adapter was trained on this base, and saved completely.",
  "adapter.unsupported": "Merge the adapter into its base with peft and open the merged checkpoint.",
  "adapter.no-static-delta": "Adapters that change inputs or choose at run time have no ΔW to analyse.",
  "adapter.not-reproducible":
    "Merge it with peft where it was trained and open the merged checkpoint; PiSSA can be converted to plain LoRA.",
  "adapter.projection-not-saved": "Save the adapter again together with its projections.",
  "adapter.base-missing":
    "Name the base with --base, by its path or its Hub id; the adapter's own hint is not on this machine.",
  "pairing.empty": "Check that both belong to the same architecture.",
  "pairing.shape-mismatch": "Check that the tuned checkpoint was trained from this base.",
  "pairing.base-is-adapter":
    "Give the full base checkpoint as --base, or to eval as --model with the adapter as --adapter.",
  "analysis.not-finite": "The weights hold NaN or infinity; use an earlier checkpoint of this run.",
  "analysis.no-modules": "Widen --modules and --layers; `deltascope inspect` shows what the checkpoint holds.",
  "linalg.no-convergence": "Run the module again with --exact.",
  "linalg.invalid-argument": undefined,
  "edit.not-possible": undefined,
  "edit.no-intruders": "Choose vectors by hand, a larger k, or a larger ε.",
  "edit.not-verified": "Nothing was kept; check the disk and run the command again.",
  "evaluation.runtime-missing":
    "Install it with `npm install --ignore-scripts onnxruntime-node@1.30.0` in the program's folder.",
  "evaluation.unsupported": "Only dense Qwen2, Qwen2.5 and Qwen3 checkpoints can be scored.",
  "evaluation.not-finite": "The checkpoint or the edit holds NaN or infinity; use an earlier checkpoint.",
  "evaluation.process-died": "The files may have changed, or memory ran out; what was scored is kept: run it again.",
  "evaluation.settings-differ": "Score both with the same settings to compare them.",
  "tokenizer.missing": "Copy tokenizer.json and tokenizer_config.json into the model's folder.",
  "tokenizer.invalid": "The tokenizer must be the one that the model was trained with, as transformers writes it.",
  "task.invalid": "Each line must be one JSON object with context, choices and gold, or with text.",
  "task.too-large": "Split the file, or shorten the line that is named.",
  "task.unknown": "Run `deltascope eval --list-tasks` to see the ready-made tasks.",
  "task.data-missing":
    "`deltascope download datasets/owner/name` brings it into the Hugging Face cache, where it is found.",
  "theory.invalid": undefined,
  "recipe.invalid": "Mend the named fields; docs/schemas/recipe.schema.json lists all of them.",
  "python.missing": "Install Python 3.10 or later, then run `deltascope doctor`; or name one with DELTASCOPE_PYTHON.",
  "python.packages": "Make the managed environment, or install the packages into the Python that is named.",
  "python.wrong-build": "Install the build of torch that belongs to the graphics driver.",
  "python.not-usable": "Name the full path of a Python 3.10 or later, such as /usr/bin/python3.11.",
  "python.install-failed":
    "Behind a proxy set HTTPS_PROXY, SSL_CERT_FILE and UV_DEFAULT_INDEX; or name a Python that has the packages.",
  "python.uv-missing": "Install it with `python3 -m pip install uv`, or name a Python that has the packages.",
  "training.not-found": "`deltascope runs` lists the fine-tunes.",
  "trainer.not-started": "Check the path of Python with `deltascope doctor`.",
  "trainer.silent": "Run `deltascope doctor`; a slow disk or a broken environment are the usual causes.",
  "protocol.version": "The trainer is newer than this program; install both in the same version.",
  "trainer.config": "Mend the named fields and start again.",
  "trainer.run-exists": "Add --resume to go on with the run in it, or name another folder.",
  "trainer.elsewhere": "Give the same command again when it has ended: what it did is taken in, and goes on.",
  "trainer.environment": "Run `deltascope doctor` to see what Python lacks.",
  "trainer.data": "Mend the named rows, or leave them out.",
  "trainer.model": "Check the base's files, or download them again.",
  "trainer.out-of-memory": "Halve the device batch: the effective batch stays the same.",
  "trainer.not-finite": "Go on from the last good checkpoint with a lower learning rate, or train in fp32.",
  "trainer.disk": "Free some space, then resume the run.",
  "trainer.checkpoint": "Resume from an earlier checkpoint, or start a new run from these weights.",
  "trainer.killed": "Signal 9 without a request usually means that the system ran out of memory; resume the run.",
  "trainer.exited": "The last lines of stderr.log say more; resume the run to go on from its last checkpoint.",
  "workspace.not-writable": "Choose another folder with --workspace.",
  "workspace.disk-full": "Free some space or choose another folder with --workspace.",
  "store.locked": "Close the other DeltaScope, or give this one its own --workspace.",
  "store.failed": "Run `deltascope doctor` to check the workspace.",
  "store.newer": "The workspace was written by a newer DeltaScope; update, or choose another --workspace.",
  "run.not-running":
    "`deltascope runs` lists the runs; a checkpoint is saved after the current step of one that trains.",
  "run.not-found": "`deltascope compare` without names lists the analyses.",
  "part.invalid": "Copy the part again, or run its shard again.",
  "part.unfinished": "Run the shard's command again; it goes on where it stopped.",
  "part.other-question": "Collect it together with the parts of its own analysis.",
  "part.version": "Collect with the version that wrote it, or run the shard again with this one.",
  "part.contradiction": "Analyse the module again, and look for a defective machine among those that ran the shards.",
  "output.exists": "Choose another name, or add --overwrite.",
  "output.in-use": "Name another folder: an empty one, or a new one.",
  "output.unwritable": "Check the folder's permissions and free space.",
  "cache.in-use": "Pause or cancel the running job first.",
  "report.full": "Remove pins that the report does not need.",
  "app.not-built": "Run `npm run build` in the project folder.",
  "server.unavailable": "Choose another --port (0 takes any free one), or another --host.",
  "job.cancelled":
    "What was finished is kept; run the same command again to go on, for `train` with --out and --resume.",
  "job.interrupted": "Resume it: what was finished is kept and not computed again.",
  "job.not-found": "It was cleared, or the engine was restarted since.",
  "request.invalid": undefined,
  "library.nothing-found": "Add a folder with config.json and safetensors files, or one with adapter_config.json.",
  "library.not-found": "It was removed from the list; add its folder again.",
  "place.not-allowed": "Name its folder when starting, with --root, or open it from a folder that is allowed.",
  internal: "This is a defect of DeltaScope; please report it with the command you ran.",
} as const satisfies Record<string, string | undefined>;

/** One code of the closed list. */
export type ErrorCode = keyof typeof TIPS;

export const errorCodes = Object.keys(TIPS) as [ErrorCode, ...ErrorCode[]];

/** What is wrong with one field of a file that people write. */
export const fieldFault = z.object({
  /** Dotted: `lora.rank`; empty for the whole file. */
  field: z.string(),
  message: z.string(),
  /** null where it was not read from text. */
  line: z.number().int().nullable(),
});
export type FieldFault = z.infer<typeof fieldFault>;

/** The form in which an error crosses a boundary or stands in a document. */
export const errorDocument = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  where: z.string().optional(),
  retryable: z.boolean(),
  tip: z.string().optional(),
  /** Of a recipe or sweep: each fault by its field and line. */
  faults: z.array(fieldFault).optional(),
});
export type ErrorDocument = z.infer<typeof errorDocument>;

const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  "source.changed",
  "hub.unreachable",
  "hub.rate-limited",
  "hub.server",
  "hub.changed",
  "hub.incomplete",
  "hub.checksum",
  "hub.disk-full",
  "store.locked",
  "job.cancelled",
  "workspace.disk-full",
  "trainer.out-of-memory",
  "trainer.disk",
  "trainer.killed",
]);

interface DeltaScopeErrorOptions extends ErrorOptions {
  faults?: readonly FieldFault[] | undefined;
}

/** A failure with a code, a sentence that names file, tensor and value, and the place it speaks of. */
export class DeltaScopeError extends Error {
  override readonly name = "DeltaScopeError";
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly faults: readonly FieldFault[] | undefined;

  constructor(code: ErrorCode, message: string, where?: string, options?: DeltaScopeErrorOptions) {
    super(message, options);
    this.code = code;
    this.where = where;
    this.faults = options?.faults;
  }

  get tip(): string | undefined {
    return TIPS[this.code];
  }

  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }

  toDocument(): ErrorDocument {
    const { code, message, where, retryable, tip, faults } = this;
    return { code, message, where, retryable, tip, ...(faults && { faults: [...faults] }) };
  }
}

/** The code under which every failure crosses the contract; its data is the error document. */
export const typedErrorCode = "DELTASCOPE";

const typedError = z.object({ code: z.literal(typedErrorCode), data: errorDocument });

/** The failure inside a typed error of the contract, thrown or in its serialised form; undefined for anything else. */
function fromTypedError(thrown: unknown): DeltaScopeError | undefined {
  const { data: carried } = typedError.safeParse(thrown);
  if (!carried) return undefined;
  const { code, message, where, faults } = carried.data;
  return new DeltaScopeError(code, message, where, { cause: thrown, faults });
}

/** What was thrown, in its own words; libraries throw other things than errors too. */
export function thrownMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Any thrown value as an error of the closed list; unknown ones become `internal` with their message. */
export function toDeltaScopeError(thrown: unknown): DeltaScopeError {
  if (thrown instanceof DeltaScopeError) return thrown;
  const typed = fromTypedError(thrown);
  if (typed) return typed;
  if (thrown instanceof Error && thrown.name === "AbortError") {
    return new DeltaScopeError("job.cancelled", "The work was cancelled.");
  }
  return new DeltaScopeError("internal", thrownMessage(thrown), undefined, { cause: thrown });
}
