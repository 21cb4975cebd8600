/**
 * The ONNX model of a linear layer, written as protobuf by hand: two nodes are not worth a protobuf library.
 *
 * Field numbers are those of `onnx.proto` (ONNX 1.16): ModelProto, GraphProto, NodeProto, ValueInfoProto, TypeProto,
 * OperatorSetIdProto. Wire format: https://protobuf.dev/programming-guides/encoding/.
 */

const FLOAT = 1;
/** Oldest versions with MatMul and Add as they are used here, so that any onnxruntime reads the model. */
const IR_VERSION = 8;
const OPSET_VERSION = 13;

/**
 * y = x·weight + bias with x [rows, inputs], weight [inputs, outputs] and bias [outputs], all float32. Sizes are
 * symbolic and the weights are inputs, so one session serves every layer and every number of rows.
 */
export function linearModel(): Uint8Array {
  const graph = [
    message(1, node('MatMul', ['x', 'weight'], 'product')),
    message(1, node('Add', ['product', 'bias'], 'y')),
    text(2, 'linear'),
    message(11, valueInfo('x', ['rows', 'inputs'])),
    message(11, valueInfo('weight', ['inputs', 'outputs'])),
    message(11, valueInfo('bias', ['outputs'])),
    message(12, valueInfo('y', ['rows', 'outputs'])),
  ];
  const opset = [text(1, ''), integer(2, OPSET_VERSION)];
  return Uint8Array.from([integer(1, IR_VERSION), message(7, graph), message(8, opset)].flat());
}

type Field = readonly number[];

/** NodeProto: input 1, output 2, op_type 4 */
function node(operator: string, inputs: readonly string[], output: string): Field[] {
  return [...inputs.map((input) => text(1, input)), text(2, output), text(4, operator)];
}

/** ValueInfoProto: name 1, type 2; TypeProto: tensor_type 1; Tensor: elem_type 1, shape 2; Shape: dim 1; Dim: dim_param 2 */
function valueInfo(name: string, dimensions: readonly string[]): Field[] {
  const shape = dimensions.map((dimension) => message(1, [text(2, dimension)]));
  return [text(1, name), message(2, [message(1, [integer(1, FLOAT), message(2, shape)])])];
}

function text(number: number, value: string): Field {
  return lengthDelimited(number, [...new TextEncoder().encode(value)]);
}

function message(number: number, fields: readonly Field[]): Field {
  return lengthDelimited(number, fields.flat());
}

function integer(number: number, value: number): Field {
  return [...varint(number << 3), ...varint(value)];
}

function lengthDelimited(number: number, bytes: readonly number[]): Field {
  return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
