/** The ground of every procedure: its services, and the one typed error as which every failure leaves the engine. */
import { type ImplementerInternalWithMiddlewares, implement, ORPCError, ValidationError } from "@orpc/server";
import { type Contract, contract } from "../../contract/api.ts";
import { DeltaScopeError, toDeltaScopeError, typedErrorCode } from "../../contract/errors.ts";
import { refuseChange } from "./read-only.ts";
import type { Services } from "./services.ts";

export const procedures: ImplementerInternalWithMiddlewares<Contract, Services, Services> = implement(contract)
  .$context<Services>()
  .use(async ({ context, path, next }) => {
    try {
      if (context.readOnly()) refuseChange(path);
      const result = await next();
      return isStream(result.output) ? { ...result, output: withTypedErrors(result.output) } : result;
    } catch (thrown) {
      throw typedError(thrown);
    }
  });

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === "object" && output !== null && Symbol.asyncIterator in output;
}

/** A stream may fail long after its procedure has answered. */
async function* withTypedErrors(stream: AsyncIterable<unknown>): AsyncGenerator<unknown, void> {
  try {
    yield* stream;
  } catch (thrown) {
    throw typedError(thrown);
  }
}

/** Message and place only: stack traces stay in this process. */
function typedError(thrown: unknown): ORPCError<typeof typedErrorCode, unknown> {
  const document = toKnownError(thrown).toDocument();
  return new ORPCError(typedErrorCode, { message: document.message, data: document, cause: thrown });
}

function toKnownError(thrown: unknown): DeltaScopeError {
  const invalid = thrown instanceof ORPCError && thrown.cause instanceof ValidationError ? thrown.cause : undefined;
  if (!invalid) return toDeltaScopeError(thrown);
  const [issue] = invalid.issues;
  const place = issue?.path?.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
  const what = `${place ? `${place}: ` : ""}${issue?.message ?? invalid.message}`;
  if (thrown instanceof ORPCError && thrown.code === "BAD_REQUEST") {
    return new DeltaScopeError("request.invalid", `The question does not fit its contract. ${what}`);
  }
  return new DeltaScopeError("internal", `The answer does not fit its contract. ${what}`);
}
