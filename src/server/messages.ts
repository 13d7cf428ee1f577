/** The form of a message from a browser; what has another form never reaches the engine. */
import { z } from "zod";
import { parsedJson } from "../contract/json.ts";

/** The largest question is `library.add`: 20,000 dropped paths of 400 characters. */
export const largestMessageBytes = 8 * 2 ** 20;
/** Ids are running numbers in base 36. */
const longestId = 16;
const longestProcedure = 200;

const id = z.string().min(1).max(longestId);

/** oRPC's messages, without those for streams and files towards the engine, which no procedure takes. */
const message = z.union([
  z.strictObject({
    i: id,
    p: z.strictObject({
      u: z.string().startsWith("/").max(longestProcedure),
      b: z.unknown().optional(),
      h: z.record(z.enum(["last-event-id"]), z.string().max(longestProcedure)).optional(),
    }),
  }),
  z.strictObject({ i: id, t: z.literal(4), p: z.unknown().optional() }),
]);

export interface CallerMessage {
  id: string;
  kind: "call" | "cancel";
}

/** What `text` asks for; undefined when it is not a message of the protocol. */
export function readMessage(text: string): CallerMessage | undefined {
  const read = message.safeParse(parsedJson(text));
  if (!read.success) return undefined;
  return { id: read.data.i, kind: "t" in read.data ? "cancel" : "call" };
}
