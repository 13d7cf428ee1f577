/** What a recipe names by its id and what is not on this machine: told with size and terms, and brought when asked. */
import type { HubDownloadSpec, HubNeed, HubPlan } from "../../../contract/domain/hub.ts";
import { toDeltaScopeError } from "../../../contract/errors.ts";
import { isDatasetAddress } from "../../../contract/hub-id.ts";
import { visibleText } from "../../../contract/text.ts";
import type { CliContext, EngineClient } from "../../context.ts";
import { withInterrupt } from "../../interrupt.ts";
import { bring, modelLine } from "../bring-sources.ts";

/** What the Hub says of it; where it says nothing, the problems that were told stand alone. */
export async function offerDownload(
  context: CliContext,
  client: EngineClient,
  missing: readonly HubNeed[],
): Promise<void> {
  try {
    await tellMissing(context, client, missing);
    await context.stderr.write("Add --download to bring this first.\n");
  } catch (thrown) {
    await context.stderr.write(`${visibleText(toDeltaScopeError(thrown).message)}\n`);
  }
}

/** Tells of each what a download would bring. @throws `hub.*` where the Hub does not say */
async function tellMissing(context: CliContext, client: EngineClient, missing: readonly HubNeed[]): Promise<void> {
  for (const { source, select } of missing) {
    const plan = await client.hub.plan({ source, select });
    await context.stderr.write(`${modelLine({ ...plan, files: plan.files.length })}\n`);
  }
}

/** @throws `hub.*`; `job.cancelled` after Ctrl-C */
export async function bringMissing(
  context: CliContext,
  client: EngineClient,
  missing: readonly HubNeed[],
  quiet: boolean,
): Promise<void> {
  const work = async (signal: AbortSignal) => {
    const specs: HubDownloadSpec[] = [];
    for (const { source, select } of missing) {
      specs.push(specOf(source, await client.hub.plan({ source, select }, { signal })));
    }
    await bring(context, client, specs, { quiet, signal });
  };
  await withInterrupt(context, work, "Cancelling; what was loaded is kept.");
}

/** The commit and the files that were told, so that no others come. */
function specOf(source: string, { revision, files }: HubPlan): HubDownloadSpec {
  const names = isDatasetAddress(source) ? { files: files.map(({ name }) => name) } : {};
  return { source, commit: revision, ...names };
}
