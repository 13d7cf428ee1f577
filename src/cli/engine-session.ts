/** Opens the engine for one command and closes it whatever happens. */
import type { CliContext, EngineClient } from "./context.ts";

export async function withEngine<Result>(
  context: CliContext,
  { workspace }: { workspace?: string | undefined },
  work: (client: EngineClient) => Promise<Result>,
): Promise<Result> {
  const engine = await context.openEngine({ workspace });
  try {
    return await work(engine.client);
  } finally {
    await engine.close();
  }
}
