/** Graphics cards, as their own tool names them; only fine-tuning uses them. */
import type { DoctorLine } from "../../contract/api.ts";
import { probe } from "./probe.ts";

const question = ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"];

export async function checkGraphics(): Promise<DoctorLine[]> {
  const answer = await probe("nvidia-smi", question);
  const cards = (answer ?? "").split("\n").filter((line) => line.trim() !== "");
  if (cards.length === 0) {
    return [{ check: "GPU", status: "ok", detail: "none found; analysing needs none" }];
  }
  return cards.map((card) => ({ check: "GPU", status: "ok", detail: card.trim() }));
}
