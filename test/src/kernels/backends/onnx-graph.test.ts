import { describe, expect, it } from '@jest/globals';
import { linearModel } from '../../../../src/kernels/backends/onnx-graph.js';

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
