import { DeltaScopeError } from "../../contract/errors.ts";

/** Procedures of the contract whose part of the engine is still being built. */
export function missingPart(procedure: string): never {
  throw new DeltaScopeError("request.invalid", `This build does not answer ${procedure} yet.`);
}
