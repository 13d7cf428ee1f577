/** What the base decides for every model that is compared with it: vocabulary, prefix token, window, output rows. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { EvaluationSettings } from "../../contract/domain/evaluation.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { quote } from "../source/quote.ts";
import type { UsedSettings } from "../store/scores.ts";
import type { Models } from "./models.ts";
import { modelShape } from "./onnx/model-shape.ts";
import { openVocabulary, type Vocabulary } from "./tokenizer.ts";

export interface Reference {
  vocabulary: Vocabulary;
  settings: UsedSettings;
  /** Rows of the base's output layer. */
  rows: number;
  alerts: Alert[];
}

export interface References {
  open(base: string, settings: EvaluationSettings): Promise<Reference>;
}

/** Vocabularies take a second to read and some hundred megabytes, so only the last one is kept. */
export function createReferences(models: Models): References {
  let last: { key: string; reference: Promise<Reference> } | undefined;
  return {
    async open(base, settings) {
      const key = JSON.stringify([base, await models.stamp(base), settings]);
      if (last?.key !== key) last = { key, reference: openReference(await models.openFull(base), settings) };
      const { reference } = last;
      reference.catch(() => {
        last = undefined;
      });
      return reference;
    },
  };
}

async function openReference(base: Checkpoint, settings: EvaluationSettings): Promise<Reference> {
  const shape = modelShape(base);
  refuseBeyondWindow(base, shape.maxPositions, settings.maxLength);
  const vocabulary = await openVocabulary(base.source.location, settings.prefixToken);
  const vocabRows = settings.vocab === "model" ? shape.vocabulary : Math.min(vocabulary.size, shape.vocabulary);
  return {
    vocabulary,
    rows: shape.vocabulary,
    settings: {
      maxLength: settings.maxLength ?? shape.maxPositions,
      vocab: settings.vocab,
      prefixToken: vocabulary.prefix,
      chatTemplate: settings.chatTemplate,
      vocabRows,
      tokenizer: vocabulary.fingerprint,
    },
    alerts: vocabulary.alerts,
  };
}

/** What a model says to places it was never made for compares with nothing. */
function refuseBeyondWindow({ source }: Checkpoint, window: number, asked: number | undefined): void {
  if (asked === undefined || asked <= window) return;
  const message = `${quote(source.location)} takes ${window} tokens at once; a longest input of ${asked} is more.`;
  throw new DeltaScopeError("usage.invalid", message, source.location);
}

/**
 * Refuses a tuned checkpoint whose figures would not compare: another output layer, or a window that is too short.
 * @throws DeltaScopeError `evaluation.settings-differ`
 */
export function checkComparable(tuned: Checkpoint, reference: Reference): void {
  const shape = modelShape(tuned);
  const { vocab, maxLength } = reference.settings;
  const place = tuned.source.location;
  if (vocab === "model" && shape.vocabulary !== reference.rows) {
    const rows = `${shape.vocabulary} output rows and the base ${reference.rows}`;
    const message = `${quote(place)} has ${rows}; compare them with --vocab tokenizer.`;
    throw new DeltaScopeError("evaluation.settings-differ", message, place);
  }
  if (shape.maxPositions < maxLength) {
    const message = `${quote(place)} takes ${shape.maxPositions} tokens at once and the base ${maxLength}; name a --max-length that both can take.`;
    throw new DeltaScopeError("evaluation.settings-differ", message, place);
  }
}

/** The tuned model's own prefix token differs: the base's is used for both. Nothing where it has no tokenizer. */
export async function prefixAlerts(tuned: string, reference: Reference, label: string): Promise<Alert[]> {
  const own = await openVocabulary(tuned).catch(() => undefined);
  if (own === undefined || own.prefix === reference.settings.prefixToken) return [];
  const message = `${label}: its tokenizer begins with ${quote(own.prefixText)}, the base's with ${quote(reference.vocabulary.prefixText)}.`;
  return [makeAlert("evaluation.prefix-differs", message, tuned)];
}
