/** Whatever a call threw, as the document that cards show. */
import { type ErrorDocument, errorDocument } from "../../src/contract/errors.ts";

/** Failures of the engine carry their document; anything else becomes `internal` with its message. */
export function toErrorDocument(thrown: unknown): ErrorDocument {
  const data = errorDocument.safeParse(dataOf(thrown));
  if (data.success) return data.data;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", message: message || "Something failed without a message.", retryable: false };
}

function dataOf(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "data" in thrown ? thrown.data : undefined;
}
