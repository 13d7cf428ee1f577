/** Whatever a call threw, as the document that cards show. */
import { type ErrorDocument, toDeltaScopeError } from "../../src/contract/errors.ts";

export function toErrorDocument(thrown: unknown): ErrorDocument {
  return toDeltaScopeError(thrown).toDocument();
}
