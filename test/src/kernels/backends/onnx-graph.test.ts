import { describe, expect, it } from '@jest/globals';
import { constantLinearModel, linearModel } from '../../../../src/kernels/backends/onnx-graph.js';

/** A protobuf message as [field number, value] pairs; nested messages stay bytes. */
function fields(bytes: Uint8Array): [number, number | Uint8Array][] {
  const found: [number, number | Uint8Array][] = [];
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[position++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (position < bytes.length) {
    const tag = varint();
    if ((tag & 7) === 0) found.push([tag >> 3, varint()]);
    else {
      const length = varint();
      found.push([tag >> 3, bytes.subarray(position, position + length)]);
      position += length;
    }
  }
  return found;
}

function all(bytes: Uint8Array, number: number): Uint8Array[] {
  return fields(bytes).flatMap(([field, value]) => (field === number && value instanceof Uint8Array ? [value] : []));
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('the ONNX model of a linear layer', () => {
  const model = linearModel();
  const graph = all(model, 7)[0];

  it('is a matrix product followed by a sum', () => {
    const nodes = all(graph, 1).map((node) => ({
      operator: textOf(all(node, 4)[0]),
      inputs: all(node, 1).map(textOf),
      outputs: all(node, 2).map(textOf),
    }));
    expect(nodes).toEqual([
      { operator: 'MatMul', inputs: ['x', 'weight'], outputs: ['product'] },
      { operator: 'Add', inputs: ['product', 'bias'], outputs: ['y'] },
    ]);
  });

  it('takes its weights as inputs and gives one output', () => {
    const names = (number: number): string[] => all(graph, number).map((value) => textOf(all(value, 1)[0]));
    expect(names(11)).toEqual(['x', 'weight', 'bias']);
    expect(names(12)).toEqual(['y']);
  });

  it('names the versions it is written in', () => {
    expect(fields(model)[0]).toEqual([1, 8]);
    expect(fields(all(model, 8)[0])).toContainEqual([2, 13]);
  });

  it('is as small as two nodes should be', () => {
    expect(model.length).toBeLessThan(300);
  });
});

describe('the ONNX model of a linear layer with its weights in it', () => {
  const weight = { rows: 2, cols: 3, data: Float32Array.of(0, 1, 2, 3, 4, 5, 6).subarray(1) };
  const graph = all(constantLinearModel(weight, Float32Array.of(7, 8, 9)), 7)[0];

  it('holds them as little-endian float32, also those that begin amid their memory', () => {
    const tensors = all(graph, 5).map((tensor) => ({
      name: textOf(all(tensor, 8)[0]),
      dims: fields(tensor).flatMap(([field, value]) => (field === 1 ? [value] : [])),
      values: [...new Float32Array(all(tensor, 9)[0].slice().buffer)],
    }));
    expect(tensors).toEqual([
      { name: 'weight', dims: [2, 3], values: [1, 2, 3, 4, 5, 6] },
      { name: 'bias', dims: [3], values: [7, 8, 9] },
    ]);
  });

  it('takes nothing but rows', () => {
    expect(all(graph, 11).map((value) => textOf(all(value, 1)[0]))).toEqual(['x']);
  });
});
