import type { Matrix } from '../matrix.js';

/**
 * ONNX models of a node or two, written as protobuf by hand: they are not worth a protobuf library. The number of rows is
 * symbolic. Where weights are inputs, sizes are symbolic too and one session serves every layer.
 *
 * Field numbers are those of `onnx.proto` (ONNX 1.16): ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto,
 * ValueInfoProto, TypeProto, OperatorSetIdProto. Wire format: https://protobuf.dev/programming-guides/encoding/.
 */

/** TensorProto.DataType */
const TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6 } as const;
/** Oldest versions with the operators as they are used here, so that any onnxruntime reads the models. */
const IR_VERSION = 8;
const OPSET_VERSION = 13;

/** y = x·weight + bias with x [rows, inputs], weight [inputs, outputs] and bias [outputs], all float32. */
export function linearModel(): Uint8Array {
  return model({
    nodes: [node('MatMul', ['x', 'weight'], 'product'), node('Add', ['product', 'bias'], 'y')],
    inputs: [
      valueInfo('x', 'float32', ['rows', 'inputs']),
      valueInfo('weight', 'float32', ['inputs', 'outputs']),
      valueInfo('bias', 'float32', ['outputs']),
    ],
    outputs: [valueInfo('y', 'float32', ['rows', 'outputs'])],
  });
}

/**
 * The same with weight and bias in the model. Its session packs them once for its kernels; weights that are inputs are
 * packed in every run.
 */
export function constantLinearModel(weight: Matrix, bias: Float32Array): Uint8Array<ArrayBuffer> {
  return model({
    nodes: [node('Gemm', ['x', 'weight', 'bias'], 'y')],
    constants: [
      constant('weight', 'float32', weight.data, [weight.rows, weight.cols]),
      constant('bias', 'float32', bias, [bias.length]),
    ],
    inputs: [valueInfo('x', 'float32', ['rows', 'inputs'])],
    outputs: [valueInfo('y', 'float32', ['rows', 'outputs'])],
  });
}

/** Like `linearModel`, with weight [outputs, inputs]. */
export function transposedLinearModel(): Uint8Array {
  return model({
    nodes: [node('Gemm', ['x', 'weight', 'bias'], 'y', [integerAttribute('transB', 1)])],
    inputs: [
      valueInfo('x', 'float32', ['rows', 'inputs']),
      valueInfo('weight', 'float32', ['outputs', 'inputs']),
      valueInfo('bias', 'float32', ['outputs']),
    ],
    outputs: [valueInfo('y', 'float32', ['rows', 'outputs'])],
  });
}

/**
 * y0 = x·weight0, y1 = x·weight1, … with x [rows, depth] of uint8 and products in int32. The weights are in the model, as in
 * `constantLinearModel`.
 *
 * @param weights each [depth, width]
 */
export function integerProductsModel(weights: readonly Int8Array[], depth: number): Uint8Array<ArrayBuffer> {
  return model({
    nodes: weights.map((_, block) => node('MatMulInteger', ['x', `weight${block}`], `y${block}`)),
    constants: weights.map((data, block) => constant(`weight${block}`, 'int8', data, [depth, data.length / depth])),
    inputs: [valueInfo('x', 'uint8', ['rows', 'depth'])],
    outputs: weights.map((_, block) => valueInfo(`y${block}`, 'int32', ['rows', 'width'])),
  });
}

interface Graph {
  readonly nodes: readonly Field[][];
  readonly constants?: readonly Field[][];
  readonly inputs: readonly Field[][];
  readonly outputs: readonly Field[][];
}

function model({ nodes, constants = [], inputs, outputs }: Graph): Uint8Array<ArrayBuffer> {
  const graph = [
    ...nodes.map((fields) => message(1, fields)),
    text(2, 'graph'),
    ...constants.map((fields) => message(5, fields)),
    ...inputs.map((fields) => message(11, fields)),
    ...outputs.map((fields) => message(12, fields)),
  ];
  const opset = [text(1, ''), integer(2, OPSET_VERSION)];
  return joined([integer(1, IR_VERSION), message(7, graph), message(8, opset)].flat());
}

/** Its bytes, piece after piece: those of weights are copied once, into the whole model. */
type Field = readonly Uint8Array[];

/** NodeProto: input 1, output 2, op_type 4, attribute 5 */
function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Field[][] = [],
): Field[] {
  return [
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(4, operator),
    ...attributes.map((fields) => message(5, fields)),
  ];
}

/** AttributeProto: name 1, i 3, type 20 (2: INT) */
function integerAttribute(name: string, value: number): Field[] {
  return [text(1, name), integer(3, value), integer(20, 2)];
}

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9 (little-endian) */
function constant(
  name: string,
  type: keyof typeof TYPES,
  { buffer, byteOffset, byteLength }: ArrayBufferView,
  dims: readonly number[],
): Field[] {
  const raw = new Uint8Array(buffer, byteOffset, byteLength);
  return [...dims.map((dim) => integer(1, dim)), integer(2, TYPES[type]), text(8, name), lengthDelimited(9, [raw])];
}

/** ValueInfoProto: name 1, type 2; TypeProto: tensor_type 1; Tensor: elem_type 1, shape 2; Shape: dim 1; Dim: dim_param 2 */
function valueInfo(name: string, type: keyof typeof TYPES, dimensions: readonly string[]): Field[] {
  const shape = dimensions.map((dimension) => message(1, [text(2, dimension)]));
  return [text(1, name), message(2, [message(1, [integer(1, TYPES[type]), message(2, shape)])])];
}

function text(number: number, value: string): Field {
  return lengthDelimited(number, [new TextEncoder().encode(value)]);
}

function message(number: number, fields: readonly Field[]): Field {
  return lengthDelimited(number, fields.flat());
}

function integer(number: number, value: number): Field {
  return [Uint8Array.from([...varint(number << 3), ...varint(value)])];
}

function lengthDelimited(number: number, pieces: readonly Uint8Array[]): Field {
  return [Uint8Array.from([...varint((number << 3) | 2), ...varint(lengthOf(pieces))]), ...pieces];
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** @param value below 2³¹ */
function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
