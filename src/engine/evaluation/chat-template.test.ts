import { expect, test } from "vitest";
import { chatFormat } from "./chat-template.ts";

const format = (chatTemplate: string | undefined) =>
  chatFormat({ chatTemplate, beginToken: undefined, endToken: "<|endoftext|>", where: "tokenizer.json" });
const each = (body: string) => `{% for message in messages %}${body}{% endfor %}`;

test("a context is put in as it is, whatever it says", () => {
  const chat = format(each("<{{ message.role }}>{{ message['content'] }}</>"));
  for (const text of ["a", "  {{ 1 + 1 }}\n", "$& $1 \\", "\u{e000}user\u{e001}", ""])
    expect(chat(text)).toBe(`<user>${text}</>`);
  expect(chat("a", "d\n\n")).toBe("<system>d\n\n</><user>a</>");
});

test("templates that trim get trimmed texts, by Python's white space", () => {
  expect(format(each("[{{ message.content | trim }}]"))("\u0085 a\ufeff ")).toBe("[a\ufeff]");
});

test.each([
  ["no template", undefined, /without a chat template/],
  ["one that leaves the turn out", "hello", /exactly once/],
  ["one that writes it twice", each("{{ message.content }}{{ message.content }}"), /exactly once/],
  ["one that trims one end", each("{{ message.content.rstrip() }}"), /one end/],
  ["one that changes it", each("{{ message.content | upper }}"), /exactly once/],
  ["one that is broken", "{% for", /cannot be rendered/],
  ["one that refuses", "{{ raise_exception('no') }}", /cannot be rendered: "no"/],
  ["one that counts to a billion", "{% for i in range(1000000000) %}a{% endfor %}", /range\(\) of 1000000000/],
  ["one that never ends", `${"{% for i in range(1000) %}".repeat(6)}a${"{% endfor %}".repeat(6)}`, /timed out/],
])("%s is refused", (_, template, message) => {
  expect(() => format(template)("text")).toThrow(
    expect.objectContaining({ code: "tokenizer.invalid", message: expect.stringMatching(message) }),
  );
});

test("a template sees nothing of this process", () => {
  const chat = (expression: string) => format(`{{ ${expression} }}${each("{{ message.content }}")}`)("x");
  for (const expression of ["process", "constructor", "globalThis", "messages.constructor", "range.constructor"])
    expect(chat(expression).replace(/undefined|x/g, "")).toBe("");
});
