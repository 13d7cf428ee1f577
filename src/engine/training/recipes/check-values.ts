/** Values that fit their kinds but not each other. */
import { devicesIn, isDeviceName, type RunConfig } from "../../../contract/domain/training.ts";
import { whyNotSharded } from "../memory.ts";
import { error, type Problem, warning } from "./check-base.ts";

/** Above this a run on the processor takes days. */
const largeForProcessor = 50_000_000;

export function checkValues(config: RunConfig): Problem[] {
  return [...lengthProblems(config), ...batchProblems(config), ...dataProblems(config), ...deviceProblems(config)];
}

function lengthProblems({ epochs, max_steps }: RunConfig): Problem[] {
  if (epochs === null && max_steps === null) return [error("epochs", "Say how long to train: epochs or max_steps.")];
  if (epochs !== null && max_steps !== null) return [error("max_steps", "Give epochs or max_steps, not both.")];
  return [];
}

function batchProblems({ batch: { effective, device }, device: devices }: RunConfig): Problem[] {
  const processes = devicesIn(devices).length;
  if (effective % processes !== 0) {
    return [error("batch.effective", `The effective batch of ${effective} cannot be shared by ${processes} devices.`)];
  }
  if (processes > 1 && device !== "auto" && effective % (device * processes) !== 0) {
    const message = `${processes} devices with ${device} sequences each do not divide the effective batch of ${effective}.`;
    return [error("batch.device", message)];
  }
  if (device === "auto" || effective % device === 0) return [];
  return [error("batch.device", `The effective batch of ${effective} cannot be split into parts of ${device}.`)];
}

function dataProblems({ data, method, lora }: RunConfig): Problem[] {
  const problems: Problem[] = [];
  if (data.noise > 0 && data.labels === null) {
    problems.push(error("data.labels", "Label noise needs the closed set of answers, such as [Yes, No]."));
  }
  if (data.labels !== null && new Set(data.labels).size < data.labels.length) {
    problems.push(error("data.labels", "An answer stands in the list twice."));
  }
  if (lora.plus_ratio !== null && method !== "lora+") {
    problems.push(warning("lora.plus_ratio", `It counts for the method lora+ only, not for ${method}.`));
  }
  return problems;
}

function deviceProblems(config: RunConfig): Problem[] {
  const { device, precision, method } = config;
  const problems = shardingProblems(config);
  if (!isDeviceName(device)) {
    problems.push(error("device", "It is auto, cpu, mps, cuda:0 and so on, or cuda:0,1 for several together."));
  }
  if (device === "cpu" && precision === "fp16") {
    problems.push(error("precision", "The processor does not train in fp16; use fp32 or bf16."));
  }
  if (device === "cpu" && method === "qlora") {
    problems.push(error("method", "QLoRA needs a graphics card with CUDA; use lora."));
  }
  return problems;
}

function shardingProblems(config: RunConfig): Problem[] {
  if (config.sharding !== "full") return [];
  const obstacle = whyNotSharded(config);
  if (obstacle !== undefined) return [error("sharding", obstacle)];
  if (devicesIn(config.device).length > 1) return [];
  return [error("sharding", "It needs several devices to divide a model among, such as device: cuda:0,1.")];
}

/** Said once the base's size is known. */
export function processorProblems({ device }: RunConfig, parameters: number): Problem[] {
  if (!device.startsWith("cpu") || parameters <= largeForProcessor) return [];
  const millions = Math.round(parameters / 1e6);
  return [warning("device", `Training ${millions} million parameters on the processor takes very long.`)];
}
