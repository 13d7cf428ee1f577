import { openEngine } from "../../src/engine/engine.ts";
import { describeContract } from "./suite.ts";

describeContract("nothing: in the same process", async (workspace) => {
  const { client, close } = openEngine({ workspace });
  return { client, another: async () => client, close };
});
