import { expect, test } from "vitest";
import { addressInWords, addressOfLink } from "./deep-links.ts";

test.each([
  ["deltascope://compare?runs=0123456789ab,ba9876543210&k=10", "/compare?runs=0123456789ab,ba9876543210&k=10"],
  ["deltascope://library", "/library"],
  ["deltascope://inspector/0123456789ab/31/q_proj?eps=0.5", "/inspector/0123456789ab/31/q_proj?eps=0.5"],
  ["deltascope://forgetting", "/forgetting"],
  ["deltascope://training/run/r1?q=loss", "/training/run/r1?q=loss"],
])("%s leads to %s", (link, address) => {
  expect(addressOfLink(link)).toBe(address);
});

test.each([
  "https://library",
  "file:///etc/passwd",
  "deltascope:library",
  "deltascope:///library",
  "deltascope://elsewhere",
  "deltascope://evil.example/library",
  "deltascope://library@evil.example",
  "javascript:alert(1)",
  "library",
  "",
  `deltascope://library?q=${"x".repeat(9000)}`,
])("%j is no link of ours", (link) => {
  expect(addressOfLink(link)).toBeUndefined();
});

test("dots in a link stay inside the app", () => {
  expect(addressOfLink("deltascope://library/../../x")).toBe("/library/x");
});

test("the link is found among the words of a command line", () => {
  expect(addressInWords(["electron", ".", "--flag", "deltascope://spectra"])).toBe("/spectra");
  expect(addressInWords(["electron", "."])).toBeUndefined();
});
