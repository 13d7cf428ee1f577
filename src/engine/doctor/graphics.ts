/** What a fine-tune could compute on, as torch and the drivers see it. */
import type { DoctorLine } from "../../contract/api.ts";
import type { TrainingDevice } from "../../contract/domain/training.ts";
import { formatBytes } from "../../contract/format.ts";
import { recentEnvironment } from "../training/environment/find.ts";

export async function checkGraphics(setting?: string): Promise<DoctorLine[]> {
  const { devices, problems } = await recentEnvironment(setting);
  const cards = devices.filter(({ kind }) => kind !== "cpu").map(cardLine);
  const lines: DoctorLine[] =
    cards.length > 0 ? cards : [{ check: "GPU", status: "ok", detail: "none found; analysing needs none" }];
  const wrong = problems.filter(({ code }) => code === "python.wrong-build");
  return [
    ...lines,
    ...wrong.map(({ message, tip }): DoctorLine => ({ check: "GPU", status: "warning", detail: message, remedy: tip })),
  ];
}

function cardLine({ id, name, memoryBytes, freeBytes, bf16 }: TrainingDevice): DoctorLine {
  const memory = `${formatBytes(memoryBytes)}, ${formatBytes(freeBytes)} free`;
  return { check: "GPU", status: "ok", detail: `${name} (${id}), ${memory}, ${bf16 ? "bf16" : "no bf16"}` };
}
