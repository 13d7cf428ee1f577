/** Fine-tunes: `training/` has one file per theme. */
export {
  dataFormat,
  type RunConfig,
  runConfig,
  type TrainingMethod,
  trainingMethod,
} from "./training/config.ts";
export { devicesIn, isDeviceName } from "./training/device-names.ts";
export { type TrainerEvent, trainerEvent } from "./training/lines.ts";
export {
  type DiskRoom,
  diskRoom,
  type MemoryEstimate,
  memoryEstimate,
  type PrepareEvent,
  prepareEvent,
  type TrainingDevice,
  type TrainingEnvironment,
  trainingDevice,
  trainingEnvironment,
} from "./training/machine.ts";
export { phaseWords } from "./training/phases.ts";
export { type DataPreview, dataPreview } from "./training/preview.ts";
export {
  type FieldProblem,
  type Preset,
  preset,
  type Recipe,
  type RecipeQuestion,
  type RecipeResolution,
  recipe,
  recipeFile,
  recipeNotes,
  recipeQuestion,
  recipeResolution,
  type ValueSource,
} from "./training/recipe.ts";
export {
  type DeviceHolder,
  type GrowthPoint,
  growthPoint,
  type TrainingHistory,
  type TrainingRun,
  type TrainingSpec,
  trainingHistory,
  trainingRun,
  trainingSpec,
  trainingState,
} from "./training/run.ts";
export {
  type NewSweep,
  newSweep,
  type SweepCell,
  type SweepDocument,
  type SweepJobSpec,
  type SweepSpec,
  type SweepSummary,
  sweepDocument,
  sweepJobSpec,
  sweepSpec,
  sweepSummary,
} from "./training/sweep.ts";
