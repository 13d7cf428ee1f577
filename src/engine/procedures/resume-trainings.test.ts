import { expect, test } from "vitest";
import { analysisSettings } from "../../contract/domain/analysis.ts";
import type { Job, JobQuestion } from "../../contract/domain/job.ts";
import { resumeTrainings } from "./resume-trainings.ts";
import type { Opened } from "./services.ts";

const training: JobQuestion = { kind: "training", spec: { run: "r" } };
const sweep: JobQuestion = { kind: "sweep", spec: { id: "s" } };
const analysis: JobQuestion = {
  kind: "analysis",
  spec: { tuned: [{ label: "x", path: "/x" }], settings: analysisSettings.parse({}), embeddings: false },
};
const left: [string, JobQuestion, Job["state"]][] = [
  ["paused", training, "paused"],
  ["interrupted", training, "failed"],
  ["grid", sweep, "paused"],
  ["other", analysis, "failed"],
  ["over", training, "cancelled"],
];

function opened(settings: Record<string, unknown>, copiedAt?: string, going: readonly string[] = []) {
  const isLeft = (id: string): boolean => going.includes(id);
  const resumed: string[] = [];
  const parts = {
    copiedAt,
    training: { trainings: { isLeft }, sweeps: { isLeft } },
    store: { settings: async () => settings },
    queue: {
      list: () => left.map(([id, question, state]) => ({ id, question, state })),
      resume: (id: string) => resumed.push(id),
    },
  };
  return { parts: parts as unknown as Opened, resumed };
}

test("where the user chose it, fine-tunes and sweeps go on, once for each opening", async () => {
  const { parts, resumed } = opened({ resumeTrainings: true });
  await resumeTrainings(parts);
  await resumeTrainings(parts);
  expect(resumed).toEqual(["paused", "interrupted", "grid"]);
});

test("what kept training is followed whatever was chosen", async () => {
  const run = opened({}, undefined, ["r"]);
  await resumeTrainings(run.parts);
  expect(run.resumed).toEqual(["paused", "interrupted"]);
  const grid = opened({}, undefined, ["s"]);
  await resumeTrainings(grid.parts);
  expect(grid.resumed).toEqual(["grid"]);
});

test.each([
  ["by default", opened({})],
  ["in a copy to look at", opened({ resumeTrainings: true }, "2026-01-01T00:00:00Z", ["r"])],
])("they wait %s", async (_, { parts, resumed }) => {
  await resumeTrainings(parts);
  expect(resumed).toEqual([]);
});
