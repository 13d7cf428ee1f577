import { expect, test } from "vitest";
import { headerCheckpoint } from "../../../test/builders/headers.ts";
import { nameAlerts } from "./belonging.ts";

test.each<[string | undefined, string, string[]]>([
  [undefined, "Qwen/Qwen2.5-0.5B", []],
  ["Qwen/Qwen2.5-0.5B", "Qwen/Qwen2.5-0.5B", []],
  ["qwen/qwen2.5-0.5b", "Qwen/Qwen2.5-0.5B", []],
  ["/home/me/models/Qwen2.5-0.5B/", "Qwen/Qwen2.5-0.5B", []],
  ["C:\\models\\Qwen2.5-0.5B", "Qwen/Qwen2.5-0.5B", []],
  ["Qwen/Qwen2.5-0.5B-Instruct", "Qwen/Qwen2.5-0.5B", ["adapter.base-name-differs"]],
  ["unsloth/Qwen2.5-0.5B-bnb-4bit", "Qwen/Qwen2.5-0.5B", ["adapter.quantised-training"]],
  ["unsloth/Qwen2.5-0.5B-unsloth-bnb-4bit", "Qwen/Qwen2.5-0.5B", ["adapter.quantised-training"]],
  ["Qwen/Qwen2.5-0.5B-GPTQ-Int4", "Qwen/Qwen2.5-0.5B", ["adapter.quantised-training"]],
  ["Qwen/Qwen2.5-0.5B-AWQ", "Qwen/Qwen2.5-0.5B", ["adapter.quantised-training"]],
  ["Qwen/Qwen2.5-7B-AWQ", "Qwen/Qwen2.5-0.5B", ["adapter.quantised-training", "adapter.base-name-differs"]],
])("an adapter that names %s on %s: %j", (named, repository, codes) => {
  const alerts = nameAlerts(named, headerCheckpoint({}, { repository }));
  expect(alerts.map(({ code }) => code)).toEqual(codes);
});

test("both names are in the sentence", () => {
  const [alert] = nameAlerts("Org/Other", headerCheckpoint({}));
  expect(alert?.message).toBe("adapter_config.json names Org/Other as its base; this one is Qwen/Qwen2.5-0.5B.");
});
