/** Numbers as the trainer tells them. */
import { z } from "zod";

/** null: not measured, or not finite. */
export const quantity = z.number().nullable();

export const share = z.number().min(0).max(1);
