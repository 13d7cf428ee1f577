/** Collects the nodes and tensors of an ONNX graph and encodes them (field numbers: onnx/onnx.proto, IR 9). */
import { ProtoWriter } from "./protobuf.ts";

/** Numbers of onnx.TensorProto.DataType. */
export const ELEMENT = { FLOAT: 1, INT32: 6, INT64: 7, FLOAT16: 10, BFLOAT16: 16 } as const;
export type Element = (typeof ELEMENT)[keyof typeof ELEMENT];

/** A number is an INT attribute and must be whole; floats are wrapped, so that 1.0 cannot be written as an INT. */
export type Attribute = number | { float: number };

/** A byte range of a file, named relative to the folder that the session is told. */
export interface ExternalRange {
  location: string;
  offset: number;
  length: number;
}

export interface NodeOptions {
  domain?: string;
  /** Names of the outputs; `""` skips an optional one. A fresh name when left out. */
  outputs?: readonly string[];
  /** Puts the node before all others. */
  first?: boolean;
}

const IR_VERSION = 9;
const OPSET = 18;
const MICROSOFT = "com.microsoft";
const ATTRIBUTE_TYPE = { FLOAT: 1, INT: 2 } as const;
const DATA_LOCATION_EXTERNAL = 1;

export class ModelWriter {
  private readonly nodes: ProtoWriter[] = [];
  private readonly firstNodes: ProtoWriter[] = [];
  private readonly initializers: ProtoWriter[] = [];
  private readonly inputs: ProtoWriter[] = [];
  private readonly outputs: ProtoWriter[] = [];
  private readonly declared = new Set<string>();
  private counter = 0;

  fresh(hint: string): string {
    return `${hint}_${this.counter++}`;
  }

  input(name: string, element: Element, dimensions: readonly (number | string)[]): string {
    this.inputs.push(valueInfo(name, element, dimensions));
    return name;
  }

  output(name: string, element: Element, dimensions: readonly (number | string)[]): void {
    this.outputs.push(valueInfo(name, element, dimensions));
  }

  /** A tensor whose bytes stay in their file. */
  external(name: string, element: Element, dimensions: readonly number[], range: ExternalRange): string {
    return this.once(name, () => {
      const tensor = tensorProto(name, element, dimensions);
      const entries = { location: range.location, offset: String(range.offset), length: String(range.length) };
      for (const [key, value] of Object.entries(entries)) {
        tensor.message(13, new ProtoWriter().text(1, key).text(2, value));
      }
      return tensor.integer(14, DATA_LOCATION_EXTERNAL);
    });
  }

  floats(name: string, dimensions: readonly number[], values: () => Float32Array): string {
    return this.once(name, () => tensorProto(name, ELEMENT.FLOAT, dimensions).bytes(9, bytesOf(values())));
  }

  /** A vector of int64; equal ones are stored once. */
  integers(...values: number[]): string {
    const name = `integers_${values.join("_")}`;
    const data = (): Uint8Array => bytesOf(new BigInt64Array(values.map(BigInt)));
    return this.once(name, () => tensorProto(name, ELEMENT.INT64, [values.length]).bytes(9, data()));
  }

  /** Adds a node; `""` among its inputs marks a skipped optional one. Returns the name of its first output. */
  node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    options: NodeOptions = {},
  ): string {
    const outputs = options.outputs ?? [this.fresh(type)];
    const node = new ProtoWriter();
    for (const name of inputs) node.text(1, name);
    for (const name of outputs) node.text(2, name);
    node.text(3, this.fresh("node")).text(4, type);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attributeProto(name, value));
    if (options.domain !== undefined) node.text(7, options.domain);
    (options.first ? this.firstNodes : this.nodes).push(node);
    return outputs[0] ?? "";
  }

  /** A node of ONNX Runtime's own operators. */
  microsoft(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    outputs?: readonly string[],
  ): string {
    return this.node(type, inputs, attributes, { domain: MICROSOFT, ...(outputs && { outputs }) });
  }

  encode(): Uint8Array {
    const graph = new ProtoWriter();
    for (const node of [...this.firstNodes, ...this.nodes]) graph.message(1, node);
    graph.text(2, "scoring");
    for (const tensor of this.initializers) graph.message(5, tensor);
    for (const value of this.inputs) graph.message(11, value);
    for (const value of this.outputs) graph.message(12, value);
    const model = new ProtoWriter().integer(1, IR_VERSION).text(2, "deltascope").message(7, graph);
    model.message(8, new ProtoWriter().text(1, "").integer(2, OPSET));
    return model.message(8, new ProtoWriter().text(1, MICROSOFT).integer(2, 1)).finish();
  }

  private once(name: string, make: () => ProtoWriter): string {
    if (!this.declared.has(name)) {
      this.declared.add(name);
      this.initializers.push(make());
    }
    return name;
  }
}

function tensorProto(name: string, element: Element, dimensions: readonly number[]): ProtoWriter {
  const tensor = new ProtoWriter();
  for (const dimension of dimensions) tensor.integer(1, dimension);
  return tensor.integer(2, element).text(8, name);
}

function valueInfo(name: string, element: Element, dimensions: readonly (number | string)[]): ProtoWriter {
  const shape = new ProtoWriter();
  for (const dimension of dimensions) {
    const one = new ProtoWriter();
    shape.message(1, typeof dimension === "number" ? one.integer(1, dimension) : one.text(2, dimension));
  }
  const tensorType = new ProtoWriter().integer(1, element).message(2, shape);
  return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensorType));
}

function attributeProto(name: string, value: Attribute): ProtoWriter {
  const attribute = new ProtoWriter().text(1, name);
  if (typeof value === "object") return attribute.float(2, value.float).integer(20, ATTRIBUTE_TYPE.FLOAT);
  return attribute.integer(3, value).integer(20, ATTRIBUTE_TYPE.INT);
}

function bytesOf(values: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
