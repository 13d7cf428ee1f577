import { expect, test } from "vitest";
import { boolq } from "./boolq.ts";

const row = { question: "is it so", passage: "It is." };

test("the copy of super_glue and the publishers' own name the answer differently", () => {
  const item = boolq.convert({ ...row, label: 1, idx: 7 }, "f");
  expect(item).toMatchObject({ context: "It is.\nQuestion: is it so?\nAnswer:", choices: ["no", "yes"], gold: 1 });
  expect(boolq.convert({ ...row, answer: true }, "f")).toEqual(item);
  expect(boolq.convert({ ...row, answer: false }, "f")).toMatchObject({ gold: 0 });
  expect(() => boolq.convert(row, "f")).toThrow("The column label is missing.");
  expect(() => boolq.convert({ ...row, label: -1 }, "f")).toThrow("label holds no label.");
});
