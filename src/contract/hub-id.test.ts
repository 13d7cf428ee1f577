import { expect, test } from "vitest";
import { parseHubId } from "./hub-id.ts";

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
