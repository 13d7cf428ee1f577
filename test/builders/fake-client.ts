/** A client of the contract with chosen answers laid over a real engine, or over one that refuses everything. */
import { ORPCError } from "@orpc/client";
import type { ContractRouterClient } from "@orpc/contract";
import type { Contract } from "../../src/contract/api.ts";
import { type DeltaScopeError, typedErrorCode } from "../../src/contract/errors.ts";

type Procedures<T> = {
  [Key in keyof T]?: T[Key] extends (...parameters: never[]) => unknown ? Answer<T[Key]> : Procedures<T[Key]>;
};
/** The procedure with the same question and answer; what it throws is what the caller gets. */
type Answer<T> = T extends (...parameters: infer Question) => Promise<infer Result>
  ? (...parameters: Question) => Result | Promise<Result>
  : never;

/** Every procedure named in `answers` answers from there; all others go to `real`, or fail with their name. */
export function fakeClient(
  answers: Procedures<ContractRouterClient<Contract>>,
  real?: ContractRouterClient<Contract>,
): ContractRouterClient<Contract> {
  return layer([], answers, real) as ContractRouterClient<Contract>;
}

function layer(path: readonly string[], answers: unknown, real: unknown): unknown {
  const call = async (...parameters: unknown[]): Promise<unknown> => {
    const procedure = typeof answers === "function" ? answers : real;
    if (typeof procedure !== "function") throw new Error(`The fake client has no answer for ${path.join(".")}.`);
    return procedure(...parameters);
  };
  return new Proxy(call, {
    get(_, key) {
      // A client is no promise: `await` asks for `then`.
      if (typeof key !== "string" || key === "then") return undefined;
      return layer([...path, key], part(answers, key), part(real, key));
    },
  });
}

function part(from: unknown, key: string): unknown {
  return (from as Record<string, unknown> | undefined)?.[key];
}

/** A failure of the engine as a client of any transport meets it. */
export function refusal(error: DeltaScopeError): Error {
  return new ORPCError(typedErrorCode, { defined: true, message: error.message, data: error.toDocument() });
}
