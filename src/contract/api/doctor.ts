/** What the machine has and lacks. */
import { z } from "zod";

export const doctorLine = z.object({
  check: z.string(),
  status: z.enum(["ok", "warning", "missing"]),
  detail: z.string(),
  remedy: z.string().optional(),
});
export type DoctorLine = z.infer<typeof doctorLine>;
