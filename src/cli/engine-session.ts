/** Opens the engine for one command and closes it whatever happens. */
import type { CliContext, EngineClient } from "./context.ts";

export async function withEngine<Result>(
  context: CliContext,
  options: { workspace: string | undefined; readOnly?: boolean },
  work: (client: EngineClient) => Promise<Result>,
): Promise<Result> {
  const engine = await context.openEngine({
    ...(options.workspace === undefined ? {} : { workspace: options.workspace }),
    ...(options.readOnly === undefined ? {} : { readOnly: options.readOnly }),
  });
  try {
    return await work(engine.client);
  } finally {
    await engine.close();
  }
}
