import { expect, test } from "vitest";
import { hubAddress } from "./hub-address.ts";

test.each([
  ["owner/name", "model", "hf://owner/name"],
  [" hf://owner/name@v2 ", "model", "hf://owner/name@v2"],
  ["https://huggingface.co/owner/name", "model", "hf://owner/name"],
  ["https://huggingface.co/owner/name/tree/refs%2Fpr%2F1/sub?x=1", "model", "hf://owner/name@refs/pr/1"],
  ["google/boolq", "dataset", "hf://datasets/google/boolq"],
  ["datasets/google/boolq@main/data", "dataset", "hf://datasets/google/boolq@main/data"],
  ["https://huggingface.co/datasets/google/boolq", "dataset", "hf://datasets/google/boolq"],
  ["https://huggingface.co/datasets/google/boolq/tree/main", "dataset", "hf://datasets/google/boolq@main"],
] as const)("%s as %s", (text, type, address) => expect(hubAddress(text, type)).toBe(address));

test.each([
  "name",
  "",
  "../name",
  "https://example.org/owner/name",
  "/owner/name",
  "datasets/owner/name",
  "https://huggingface.co/datasets/owner/name",
])("%j is no model", (text) => {
  expect(hubAddress(text, "model")).toBeUndefined();
});
