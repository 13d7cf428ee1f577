import { expect, test } from "vitest";
import { parseHubId, parseHubPlace } from "./hub-id.ts";

test.each([
  ["hf://owner/name", "owner/name", undefined],
  ["hf://owner/name@main", "owner/name", "main"],
  ["owner/name", "owner/name", undefined],
  ["owner/name@refs/pr/1", "owner/name", "refs/pr/1"],
  ["hf://gpt2", "gpt2", undefined],
  [
    "Qwen/Qwen2.5-0.5B@060db6499f32faf8b98477b0a26969ef7d8b9987",
    "Qwen/Qwen2.5-0.5B",
    "060db6499f32faf8b98477b0a26969ef7d8b9987",
  ],
])("%s", (text, repository, revision) => {
  expect(parseHubId(text)).toEqual({ repository, revision });
});

test.each([
  ...["gpt2", "hf://", "hf:///etc", "hf://../../x", "hf://owner/..", "owner/../name", "./owner/name", "/owner/name"],
  ...["hf://owner/name/more", "hf://a--b/c", "hf://owner/na me", "hf://owner/name@", "hf://owner/name@../../refs"],
  ...["hf://owner/name@a//b", "hf://owner/name@.hidden", "hf://owner/name?x=1", "hf://owner/name#x", "hf://öwner/name"],
  ...[
    "hf://user:password@host/name/x",
    "hf://owner\\name",
    "hf://owner/name\n",
    `hf://${"a".repeat(150)}/${"b".repeat(60)}`,
  ],
])("%j is no id", (text) => {
  expect(parseHubId(text)).toBeUndefined();
});

test.each([
  ["hf://datasets/google/boolq", "dataset", "google/boolq", undefined, ""],
  ["hf://datasets/owner/name@v1/data/train.parquet", "dataset", "owner/name", "v1", "data/train.parquet"],
  ["hf://datasets/owner/name@refs/convert/parquet/default", "dataset", "owner/name", "refs/convert/parquet", "default"],
  ["hf://datasets/owner/name@refs/pr/3", "dataset", "owner/name", "refs/pr/3", ""],
  ["hf://owner/name@refs/pr/3", "model", "owner/name", "refs/pr/3", ""],
  ["owner/name", "model", "owner/name", undefined, ""],
])("%s is a place on the Hub", (text, type, repository, revision, below) => {
  expect(parseHubPlace(text)).toEqual({ type, repository, revision, below });
});

test.each([
  "hf://datasets/owner",
  "hf://datasets/owner/name/../x",
  "hf://datasets/owner/name@refs/../x",
  "hf://datasets",
])("%s is none of a data set", (text) => expect(parseHubPlace(text)?.type).not.toBe("dataset"));
