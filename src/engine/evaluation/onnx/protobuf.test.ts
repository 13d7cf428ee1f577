import { expect, test } from "vitest";
import { ModelWriter } from "./model-writer.ts";
import { ProtoWriter } from "./protobuf.ts";

const hex = (writer: ProtoWriter): string => Buffer.from(writer.finish()).toString("hex");

/** Byte strings from the examples of the format's own documentation. */
test("fields are encoded as protobuf says", () => {
  expect(hex(new ProtoWriter().integer(1, 150))).toBe("089601");
  expect(hex(new ProtoWriter().text(2, "testing"))).toBe("120774657374696e67");
  expect(hex(new ProtoWriter().message(3, new ProtoWriter().integer(1, 150)))).toBe("1a03089601");
});

test("a negative number is a varint of ten bytes, and large ones are exact", () => {
  expect(hex(new ProtoWriter().integer(1, -2))).toBe("08feffffffffffffffff01");
  expect(hex(new ProtoWriter().integer(1, 2n ** 63n - 1n))).toBe("08ffffffffffffffff7f");
});

test("floats take four bytes, field numbers above 15 two", () => {
  expect(hex(new ProtoWriter().float(2, 1))).toBe("150000803f");
  expect(hex(new ProtoWriter().integer(20, 1))).toBe("a00101");
});

test("long messages keep every byte", () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
  const encoded = new ProtoWriter().bytes(9, bytes).finish();
  expect(encoded.subarray(-5000)).toEqual(bytes);
  expect(encoded).toHaveLength(5003);
});

test("a number of a FLOAT attribute is never written as an INT", () => {
  const encode = (value: { float: number } | number): string => {
    const writer = new ModelWriter();
    writer.node("Some", [], { alpha: value });
    return Buffer.from(writer.encode()).toString("hex");
  };
  expect(encode({ float: 1 })).toContain("150000803fa00101");
  expect(encode(1)).toContain("1801a00102");
});
