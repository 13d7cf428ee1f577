/** Procedures on evaluations. */
import { documentPieces } from "../../contract/json.ts";
import { runEvaluation } from "../evaluation/run.ts";
import { refuseToReplace, writeFileAtomically } from "../report/write-file.ts";
import { procedures } from "./base.ts";
import { offeredTasks } from "./known-tasks.ts";
import { checkPlaces, checkScoringPlaces, placesOfEvaluation } from "./places.ts";
import { scoringParts } from "./scoring.ts";

export const evaluation = {
  run: procedures.evaluation.run.handler(async function* ({ input, context, signal }) {
    await checkScoringPlaces(context, placesOfEvaluation(input));
    const { evaluation: services, threads } = await scoringParts(context);
    const question = { ...input, threads: input.threads ?? threads };
    yield* context.jobs.runJob("scoring", (job) => runEvaluation(question, services, job.signal), { signal });
  }),
  tasks: procedures.evaluation.tasks.handler(({ context }) => offeredTasks(context)),
  export: procedures.evaluation.export.handler(async ({ input, context }) => {
    await checkPlaces(context, { files: [input.file] });
    const { file, overwrite } = input;
    await refuseToReplace(file, overwrite);
    return { file, bytes: await writeFileAtomically(file, documentPieces(input.document), overwrite) };
  }),
};
